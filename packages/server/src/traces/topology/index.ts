export { NODE_TYPES } from './edge.ts';
export { MINUTE_MS } from './find-edges.ts';
export { SpanGraph } from './graph.ts';
export { calleeOf, figuresOf, graphOf } from './shape.ts';
