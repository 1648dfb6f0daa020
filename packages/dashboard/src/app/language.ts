/**
 * A browser started in the POSIX locale calls its language `en-US@posix`, which Intl refuses: comparing two names would throw, and so
 * would the chart library as it loads. Such a browser is told that it speaks English. To be imported before anything else.
 */
function speaksNothing(): boolean {
  try {
    Intl.getCanonicalLocales(navigator.language);
    return 'a'.localeCompare('b') > 0;
  } catch {
    return true;
  }
}

if (speaksNothing()) {
  Object.defineProperty(navigator, 'language', { value: 'en', configurable: true });
  const compare = String.prototype.localeCompare;
  Object.defineProperty(String.prototype, 'localeCompare', {
    value(this: string, that: string, locales: Intl.LocalesArgument = 'en', options?: Intl.CollatorOptions) {
      return compare.call(this, that, locales, options);
    },
    configurable: true,
    writable: true,
  });
}
