import { expect, test } from 'vitest';
import { repairLanguage } from '../../../console/language.ts';

/** The property of a browser's navigator is that of its prototype. */
class Browser {
  #language: string;
  constructor(language: string) {
    this.#language = language;
  }
  get language(): string {
    return this.#language;
  }
}

test.each(['C', '', 'en_US.UTF-8', 'POSIX-'])(
  'the language %j of a browser is replaced by one that Intl has',
  (language) => {
    expect(() => new Intl.NumberFormat(language)).toThrow(RangeError);
    const browser = new Browser(language);
    repairLanguage(browser);
    expect(browser.language).toBe(new Intl.NumberFormat().resolvedOptions().locale);
  },
);

test('any other language of a browser stays', () => {
  const browser = new Browser('de-CH');
  repairLanguage(browser);
  expect(browser.language).toBe('de-CH');
});
