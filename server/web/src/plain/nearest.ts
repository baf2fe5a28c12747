/** Which service is nearest to each place, as the crow flies. Places stand for areas, never for addresses. */
import { distance, type Point } from "./plane";

export interface Named { name: string; point: Point }
export interface Link<P extends Named = Named, S extends Named = Named> { place: P; service: S; distance: number }

/** The nearest service of each place; of two as near, the one that comes first. Empty where there is no service. */
export function nearest<P extends Named, S extends Named>(places: P[], services: S[]): Link<P, S>[] {
  return places.flatMap((place) => {
    let best: S | null = null, least = Infinity;
    for (const service of services) {
      const apart = distance(place.point, service.point);
      if (apart < least) { best = service; least = apart; }
    }
    return best ? [{ place, service: best, distance: least }] : [];
  });
}

/** Links over a distance, furthest first. */
export const beyond = <L extends Link>(links: L[], metres: number): L[] =>
  links.filter((link) => link.distance > metres).sort((a, b) => b.distance - a.distance);
