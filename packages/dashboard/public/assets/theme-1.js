// Sets the theme before the first paint. A file of its own because the content security policy allows no inline script.
(() => {
  let stored = null;
  try {
    stored = localStorage.getItem('pharos-theme');
  } catch {
    // Storage may be forbidden; then the system decides.
  }
  const light = window.matchMedia('(prefers-color-scheme: light)').matches;
  const dark = stored === 'dark' || (stored !== 'light' && !light);
  document.documentElement.setAttribute('data-mantine-color-scheme', dark ? 'dark' : 'light');
})();
