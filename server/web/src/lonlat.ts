/** Longitude and latitude to the National Grid, loaded only by who writes them. */
import proj4 from "proj4";

// Ordnance Survey's seven parameters: within about 5 m, which is what degrees with four decimals can say. OSTN15 is the server's.
const GRID = "+proj=tmerc +lat_0=49 +lon_0=-2 +k=0.9996012717 +x_0=400000 +y_0=-100000 +ellps=airy " +
  "+towgs84=446.448,-125.157,542.06,0.15,0.247,0.842,-20.489 +units=m +no_defs";

const change = proj4("EPSG:4326", GRID);

/** EPSG:4326 degrees to EPSG:27700 metres. */
export function toGrid(longitude: number, latitude: number): [number, number] {
  return change.forward([longitude, latitude]) as [number, number];
}

/** EPSG:27700 metres to EPSG:4326 degrees. */
export function fromGrid(easting: number, northing: number): [number, number] {
  return change.inverse([easting, northing]) as [number, number];
}
