/** Why an execution ended; its text becomes `__error_details__`. */
export class TemplateError extends Error {
  override readonly name = 'TemplateError';
}
