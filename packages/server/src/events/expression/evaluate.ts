import { eventsErrors } from '../errors.ts';
import { fieldOf, isList, isObject, type JsonValue, type JudgedEvent } from '../event.ts';
import { type Baseline, NO_BASELINE } from '../history/baseline.ts';
import type { Arithmetic, Comparison, Expression } from './ast.ts';
import { FUNCTIONS, finite } from './functions.ts';

/** Steps one evaluation may take: each part of the expression is one, long texts and lists are more. */
const MOST_STEPS = 10_000;
/** Characters that cost as much as one step. */
const TEXT_PER_STEP = 64;
/** Patterns look at so much of a text. */
const MOST_MATCHED = 10_000;
const MOST_TEXT = 100_000;

/**
 * The value of an expression for an event. What is missing is null; what makes no sense (a text less than a number, a sum with a
 * list) is false or null, so that no event makes a rule fail. Throws only `events.tooComplex`, when the steps are used up.
 */
export function evaluate(
  expression: Expression,
  event: JudgedEvent,
  baseline: Baseline = NO_BASELINE,
): JsonValue {
  return new Evaluation(event, baseline).of(expression);
}

class Evaluation {
  readonly #event: JudgedEvent;
  readonly #baseline: Baseline;
  #left = MOST_STEPS;

  constructor(event: JudgedEvent, baseline: Baseline) {
    this.#event = event;
    this.#baseline = baseline;
  }

  of(expression: Expression): JsonValue {
    this.#spend(1);
    switch (expression.kind) {
      case 'literal':
        return expression.value;
      case 'list':
        return expression.items.map((item) => this.of(item));
      case 'path':
        return this.#path(expression);
      case 'logic':
        return this.#logic(expression);
      case 'not':
        return this.of(expression.operand) !== true;
      case 'compare':
        return this.#compare(expression.operator, this.of(expression.left), this.of(expression.right));
      case 'matches':
        return this.#matches(expression);
      case 'arithmetic':
        return this.#arithmetic(expression.operator, this.of(expression.left), this.of(expression.right));
      case 'negate':
        return negated(this.of(expression.operand));
      case 'call':
        return this.#call(expression);
    }
  }

  #path({ root, steps }: Extract<Expression, { kind: 'path' }>): JsonValue {
    let value: JsonValue =
      root === 'source'
        ? this.#event.source
        : root === 'event_type'
          ? this.#event.eventType
          : this.#event[root];
    for (const step of steps) {
      this.#spend(1);
      value = memberOf(value, step);
    }
    return value;
  }

  #logic({ operator, left, right }: Extract<Expression, { kind: 'logic' }>): boolean {
    const holds = this.of(left) === true;
    if (operator === 'and') return holds && this.of(right) === true;
    return holds || this.of(right) === true;
  }

  #matches({ operand, pattern }: Extract<Expression, { kind: 'matches' }>): boolean {
    const value = this.of(operand);
    if (typeof value !== 'string') return false;
    const text = value.slice(0, MOST_MATCHED);
    this.#spendText(text);
    return pattern.matcher(text).find();
  }

  #call({ name, args }: Extract<Expression, { kind: 'call' }>): JsonValue {
    const values = args.map((arg) => this.of(arg));
    for (const value of values) if (typeof value === 'string') this.#spendText(value);
    return FUNCTIONS.get(name)?.apply(values, this.#baseline) ?? null;
  }

  #compare(operator: Comparison, left: JsonValue, right: JsonValue): boolean {
    if (typeof left === 'string') this.#spendText(left);
    if (operator === '==') return left === right;
    if (operator === '!=') return left !== right;
    if (operator === 'in') return this.#isIn(left, right);
    if (operator === 'contains') return this.#isIn(right, left);
    if (operator === 'startswith' || operator === 'endswith') return affixed(operator, left, right);
    return holds(operator, orderOf(left, right));
  }

  /** An item of a list, a part of a text, a member's name of an object. */
  #isIn(item: JsonValue, whole: JsonValue): boolean {
    if (Array.isArray(whole)) {
      this.#spend(whole.length);
      return whole.some((one: JsonValue) => one === item);
    }
    if (typeof item !== 'string') return false;
    if (typeof whole === 'string') {
      this.#spendText(whole);
      return whole.includes(item);
    }
    return isObject(whole) && Object.hasOwn(whole, item);
  }

  #arithmetic(operator: Arithmetic, left: JsonValue, right: JsonValue): JsonValue {
    if (operator === '+' && typeof left === 'string' && typeof right === 'string') {
      this.#spendText(left);
      this.#spendText(right);
      return (left + right).slice(0, MOST_TEXT);
    }
    if (typeof left !== 'number' || typeof right !== 'number') return null;
    return calculated(operator, left, right);
  }

  #spendText(text: string): void {
    this.#spend(Math.ceil(text.length / TEXT_PER_STEP));
  }

  #spend(steps: number): void {
    this.#left -= steps;
    if (this.#left < 0)
      throw eventsErrors.make('tooComplex', `the expression took more than ${MOST_STEPS} steps`);
  }
}

function memberOf(value: JsonValue, step: string | number): JsonValue {
  if (typeof step === 'string') return isObject(value) ? (fieldOf(value, step) ?? null) : null;
  return isList(value) ? (value[step] ?? null) : null;
}

function calculated(operator: Arithmetic, left: number, right: number): JsonValue {
  switch (operator) {
    case '+':
      return finite(left + right);
    case '-':
      return finite(left - right);
    case '*':
      return finite(left * right);
    case '/':
      return finite(left / right);
    case '%':
      return finite(left % right);
  }
}

function negated(value: JsonValue): JsonValue {
  return typeof value === 'number' ? -value : null;
}

function affixed(operator: 'startswith' | 'endswith', text: JsonValue, affix: JsonValue): boolean {
  if (typeof text !== 'string' || typeof affix !== 'string') return false;
  return operator === 'startswith' ? text.startsWith(affix) : text.endsWith(affix);
}

/** Below, at or above 0 as the left is less, equal or greater; numbers with numbers and texts with texts, else undefined. */
function orderOf(left: JsonValue, right: JsonValue): number | undefined {
  if (typeof left === 'number' && typeof right === 'number') return left - right;
  if (typeof left !== 'string' || typeof right !== 'string') return undefined;
  return left === right ? 0 : left < right ? -1 : 1;
}

function holds(operator: '<' | '<=' | '>' | '>=', order: number | undefined): boolean {
  if (order === undefined) return false;
  switch (operator) {
    case '<':
      return order < 0;
    case '<=':
      return order <= 0;
    case '>':
      return order > 0;
    case '>=':
      return order >= 0;
  }
}
