/**
 * Gives a browser another language if it names one that `Intl` refuses, which libraries of the page would hand to it. The
 * browser may have the name from the system: without a locale, that of WebKitGTK is "C".
 */
export function repairLanguage(browser: { readonly language: string }): void {
  try {
    Intl.getCanonicalLocales(browser.language);
  } catch {
    const { locale } = new Intl.NumberFormat().resolvedOptions();
    Object.defineProperty(browser, 'language', { value: locale });
  }
}
