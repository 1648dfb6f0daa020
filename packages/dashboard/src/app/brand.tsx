/** The mark: a lighthouse with its beam. */
export function Brand() {
  return (
    <svg width="20" height="20" viewBox="0 0 24 24" aria-hidden fill="currentColor">
      <path d="M10 9h4l1.800 13H8.200z" />
      <path d="M9.700 4.500h4.600v3.200H9.700z" fill="#e69a12" />
      <path d="M15.300 5 23 2v8l-7.700-2.500z" fill="#e69a12" opacity=".5" />
    </svg>
  );
}
