/** What the map shows now, told in a sentence or two: the same for those who see it and those who do not. */
import { counted, joined, metres } from "./words";

export interface InView {
  /** Metres across and up. */
  across: number;
  up: number;
  /** The grid square of the centre, or null where it is hidden or off the grid. */
  square: string | null;
  /** Layers that are switched on beside the base map, and how many of each are in view; null where it is not known yet. */
  layers: { title: string; count: number | null }[];
}

/** Layers that are named: more are not listened to. */
const MOST = 3;

/** `The map shows 6.2 km across and 4.1 km up, around grid square SU 47 29. In view: 3 schools.` */
export function sentence(view: InView): string {
  const where = view.square ? `, around grid square ${view.square}` : "";
  const shows = `The map shows ${metres(view.across)} across and ${metres(view.up)} up${where}.`;
  const named = view.layers.slice(0, MOST), more = view.layers.length - named.length;
  const known = named.map(({ title, count }) => (count === null ? title : `${title} (${count.toLocaleString("en-GB")})`));
  if (more) known.push(counted(more, "more layer"));
  return known.length ? `${shows} Over the base map: ${joined(known)}.` : shows;
}
