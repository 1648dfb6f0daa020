export { noteOf, plain, type QueryNote } from './notes.ts';
export { loadEditor, PromqlEditor } from './promql-editor.tsx';
