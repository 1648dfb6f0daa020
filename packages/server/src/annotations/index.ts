export type { Annotation } from './annotation.ts';
export { annotationsApi } from './routes.ts';
export { AnnotationStore } from './store.ts';
