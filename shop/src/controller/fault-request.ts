import { z } from 'zod';
import type { FieldProblem } from '../shared/errors.ts';
import { ShopError } from '../shared/errors.ts';
import type { FaultKind, FaultParams, ParamSpec } from '../shared/faults/kinds.ts';
import { FAULT_KIND_NAMES, faultKind } from '../shared/faults/kinds.ts';
import type { ServiceName } from '../shared/ports.ts';
import { identifier, number, parse } from '../shared/validate.ts';

const MAX_DURATION_SECONDS = 86_400;
/** 501 stands between the allowed ones and means "not built", which no failing service says. */
const ERROR_STATUSES: ReadonlySet<number> = new Set([500, 502, 503]);

const shape = z.strictObject({
  kind: z
    .string(`one of ${FAULT_KIND_NAMES.join(', ')}`)
    .max(40)
    .transform((kind) =>
      kind
        .trim()
        .toLowerCase()
        .replaceAll(/[\s-]+/g, '_'),
    )
    .pipe(z.enum(FAULT_KIND_NAMES, `one of ${FAULT_KIND_NAMES.join(', ')}`)),
  service: z.string('the name of a service').max(40).optional(),
  params: z.record(z.string(), z.unknown(), 'an object').default({}),
  duration_seconds: number(1, MAX_DURATION_SECONDS).nullish(),
});

export interface FaultRequest {
  readonly kind: FaultKind;
  readonly service: ServiceName;
  readonly params: FaultParams;
  readonly durationMs: number | null;
}

/** Reads `POST /faults`: fills in defaults, and names whatever is wrong with it. */
export function parseFaultRequest(body: unknown): FaultRequest {
  const { kind, service, params, duration_seconds } = parse(shape, body);
  const spec = faultKind(kind);
  const known = new Map<string, ParamSpec>(spec.params.map((param) => [param.name, param]));
  const problems: FieldProblem[] = Object.keys(params)
    .filter((name) => !known.has(name))
    .map((name) => {
      const expected = known.size === 0 ? 'no parameters' : `one of ${[...known.keys()].join(', ')}`;
      return { field: `params.${name.slice(0, 80)}`, value: null, expected };
    });
  const filled: Record<string, number | string> = {};
  for (const param of known.values()) {
    const given = Object.hasOwn(params, param.name) ? params[param.name] : param.default;
    const problem = problemWith(param, given);
    if (problem !== null) problems.push(problem);
    else if (typeof given === 'number' || typeof given === 'string') filled[param.name] = given;
  }
  if (problems.length > 0) throw invalid(problems);
  return {
    kind,
    service: serviceOf(kind, service, spec.services),
    params: filled,
    durationMs: duration_seconds == null ? null : duration_seconds * 1000,
  };
}

function problemWith(param: ParamSpec, given: unknown): FieldProblem | null {
  const field = `params.${param.name}`;
  const value = typeof given === 'number' || typeof given === 'string' ? String(given).slice(0, 80) : null;
  if (param.type === 'string') {
    const fits = given === '' || identifier.safeParse(given).success;
    return fits ? null : { field, value, expected: 'up to 64 letters, digits, _ or -' };
  }
  const [min, max] = [param.min ?? Number.NEGATIVE_INFINITY, param.max ?? Number.POSITIVE_INFINITY];
  if (typeof given !== 'number' || !(given >= min && given <= max)) {
    return { field, value, expected: `a number from ${min} to ${max}` };
  }
  if (param.name === 'status' && !ERROR_STATUSES.has(given))
    return { field, value, expected: '500, 502 or 503' };
  return null;
}

function serviceOf(kind: FaultKind, given: string | undefined, fitting: readonly ServiceName[]): ServiceName {
  const [only] = fitting;
  if (given === undefined && fitting.length === 1 && only !== undefined) return only;
  const named = fitting.find((service) => service === given);
  if (named !== undefined) return named;
  const expected = `one of ${fitting.join(', ')} for ${kind}`;
  throw invalid([{ field: 'service', value: given?.slice(0, 80) ?? null, expected }]);
}

function invalid(details: readonly FieldProblem[]): ShopError {
  const message = details.map((d) => `${d.field}: expected ${d.expected}`).join('; ');
  return new ShopError('validation', message, { details });
}
