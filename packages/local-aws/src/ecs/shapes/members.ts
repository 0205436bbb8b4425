/**
 * State as the API answers it. AWS omits a member that has no value, except for lists and counts
 * that it always sends; clients (Terraform's provider first) rely on both.
 */

/** Epoch seconds with a fraction. */
export const seconds = (milliseconds: number): number => milliseconds / 1000;

/** Drops members without a value. */
export function present<T extends object>(members: T): T {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as T;
}

/** For a moment that may not have come. */
export const secondsOrNothing = (milliseconds: number | undefined): number | undefined =>
  milliseconds === undefined ? undefined : seconds(milliseconds);
