declare const brand: unique symbol;

/** A SQL statement or fragment. Only the `sql` tag makes one; a plain string does not type-check. */
export interface Sql {
  readonly [brand]: true;
  readonly text: string;
}
