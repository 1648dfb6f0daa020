/** One operand of a command. */
export type Operand =
  | {
      readonly kind: 'literal';
      readonly value: string | bigint | number | boolean | null;
      readonly at: number;
    }
  /** `.`, `.a.b`. */
  | { readonly kind: 'field'; readonly path: readonly string[]; readonly at: number }
  /** `$`, `$x`, `$x.a`. */
  | {
      readonly kind: 'variable';
      readonly name: string;
      readonly path: readonly string[];
      readonly at: number;
    }
  | { readonly kind: 'function'; readonly name: string; readonly at: number }
  /** `(pipeline).a`. */
  | {
      readonly kind: 'group';
      readonly pipe: Pipe;
      readonly path: readonly string[];
      readonly at: number;
    };

export type Command = readonly Operand[];

export interface Pipe {
  /** `$x := …` or `$i, $x := …`. */
  readonly names: readonly string[];
  /** `=` instead of `:=`. */
  readonly assigns: boolean;
  readonly commands: readonly Command[];
  readonly at: number;
}

export type Node =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'action'; readonly pipe: Pipe }
  | {
      readonly kind: 'if' | 'with' | 'range';
      readonly pipe: Pipe;
      readonly body: readonly Node[];
      readonly otherwise: readonly Node[];
    }
  | { readonly kind: 'break' | 'continue' };
