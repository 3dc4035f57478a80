/** Longitudes that a position may have: ±180°. */
export const LONGITUDE_MAX = 180;
/** Latitudes that a position may have: where the Mercator square ends. */
export const LATITUDE_MAX = 85.05112878;
