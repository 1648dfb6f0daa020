export { noteOf, plain, type QueryNote } from './notes.ts';
export { PromqlEditor } from './promql-editor.tsx';
