/** Paths of the icons, drawn with lines in a square of 24. */
const PATHS = {
  send: 'M12 16V4m0 0L7 9m5-5 5 5M4 15v3a2 2 0 0 0 2 2h12a2 2 0 0 0 2-2v-3',
  files: 'M14 3H7a2 2 0 0 0-2 2v14a2 2 0 0 0 2 2h10a2 2 0 0 0 2-2V8zm0 0v5h5M9 13h6M9 17h4',
  numbers: 'M4 4v16h16M8 15l4-5 3 3 5-7',
  days: 'M7 3v3m10-3v3M4 9h16M6 5h12a2 2 0 0 1 2 2v11a2 2 0 0 1-2 2H6a2 2 0 0 1-2-2V7a2 2 0 0 1 2-2zm3 9 2 2 4-4',
  operations: 'M3 12h4l3 8 4-16 3 8h4',
  check: 'm5 12.5 4.5 4.5L19 7.5',
  warning:
    'M12 9v4m0 3.5v.01M10.3 4.3 2.7 17.5A2 2 0 0 0 4.4 20.5h15.2a2 2 0 0 0 1.7-3L13.7 4.3a2 2 0 0 0-3.4 0z',
  cross: 'M6 6l12 12M18 6 6 18',
  info: 'M12 11v5m0-8.5v.01M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18z',
  late: 'M12 7v5l3 2m6-2a9 9 0 1 1-18 0 9 9 0 0 1 18 0z',
  missing: 'M8 12h8m4 0a8 8 0 1 1-16 0 8 8 0 0 1 16 0z',
  dots: 'M5 12h.01M12 12h.01M19 12h.01',
  waiting: 'M12 7v5l3 2m6-2a9 9 0 1 1-18 0 9 9 0 0 1 18 0z',
  search: 'm20 20-4.5-4.5M17 10.5a6.5 6.5 0 1 1-13 0 6.5 6.5 0 0 1 13 0z',
  download: 'M12 4v12m0 0-5-5m5 5 5-5M5 20h14',
  right: 'm9 5 7 7-7 7',
  down: 'm5 9 7 7 7-7',
  left: 'm15 5-7 7 7 7',
  external: 'M14 4h6v6m0-6-9 9M19 14v4a2 2 0 0 1-2 2H6a2 2 0 0 1-2-2V7a2 2 0 0 1 2-2h4',
} as const;

export type IconName = keyof typeof PATHS;

/** An icon beside a text. It has no name: the text says what it means. */
export function Icon({ name }: { readonly name: IconName }) {
  return (
    <svg class="icon" viewBox="0 0 24 24" aria-hidden="true">
      <path d={PATHS[name]} />
    </svg>
  );
}

/** The sign of the console, as in icon.svg. */
export function Brand() {
  return (
    <svg class="sign" viewBox="0 0 32 32" aria-hidden="true">
      <rect width="32" height="32" rx="8" />
      <path d="M9 22.5v-5M16 22.5v-13M23 22.5v-9" />
    </svg>
  );
}
