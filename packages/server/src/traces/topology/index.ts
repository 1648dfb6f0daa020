export { NODE_TYPES } from './edge.ts';
export { SpanGraph } from './graph.ts';
export { MINUTE_MS } from './read-spans.ts';
export { graphOf } from './shape.ts';
