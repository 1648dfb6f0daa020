/** Of every package of the workspace; they are released together. */
export const VERSION = '0.1.0';
