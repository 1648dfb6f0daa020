export { type EdgeKey, edgeText, NODE_TYPES, type NodeType } from './edge.ts';
export { MINUTE_MS } from './find-edges.ts';
export { SpanGraph } from './graph.ts';
export type { MinuteCalls } from './minute-calls.ts';
export { calleeOf, figuresOf, graphOf } from './shape.ts';
