export type { Node } from './ast.ts';
export { TemplateBudget, type TemplateLimits } from './budget.ts';
export type { Arguments, CallContext, TemplateFunction } from './call.ts';
export { fixed, variadic } from './call.ts';
export { CORE_FUNCTIONS, encodeQuery } from './core-functions.ts';
export { formatGoDuration, GoDuration } from './duration.ts';
export { Execution } from './execution.ts';
export type { Read } from './go-float.ts';
export { parseGoFloat } from './go-float.ts';
export { parseTemplate } from './parser.ts';
export { patternOf, replaceMatches } from './patterns.ts';
export { sprintf } from './printf.ts';
export { type Template, TemplateSet, TemplateSyntaxError } from './template.ts';
export { TemplateError } from './template-error.ts';
export type { GoTime } from './time.ts';
export { floorDiv, formatTime, parseTime, ZERO_TIME, zoneOrUtc } from './time.ts';
export type { Method, Value } from './values.ts';
export {
  bare,
  fromJson,
  GoObject,
  isList,
  isMap,
  isTime,
  isTrue,
  StringMap,
  show,
  typeName,
} from './values.ts';
