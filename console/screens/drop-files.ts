import { FILE_ENDINGS } from '../../lambdas/core/upload-key.ts';

/** A file that a person has chosen, and its path below the folder that they have chosen. */
export interface ChosenFile {
  readonly file: File;
  readonly path: string;
}

export interface Chosen {
  readonly files: readonly ChosenFile[];
  /** Paths of files in folders whose names do not end as those of uploads. */
  readonly skipped: readonly string[];
}

const UPLOADED = new RegExp(`\\.(?:${FILE_ENDINGS.join('|')}|gz|zip)$`, 'i');
const STORE_FOLDER = 'store=';
const BY_NAME = new Intl.Collator('en', { numeric: true });

/**
 * Reads what was dropped: files, and every file below folders. It has to be called while the event is handled.
 * @throws {DOMException} if a folder cannot be read
 */
export async function readDropped({ items }: DataTransfer): Promise<Chosen> {
  const parts = Array.from(items, (item) => ({ entry: item.webkitGetAsEntry(), file: item.getAsFile() }));
  const found: { chosen: ChosenFile; isInFolder: boolean }[] = [];
  for (const { entry, file } of parts) {
    if (entry?.isDirectory) await readEntry(entry, found);
    // Safari cannot read the entry of a file that another program hands over without a path.
    else if (file !== null) found.push({ chosen: { file, path: file.name }, isInFolder: false });
  }
  return choose(found);
}

/** Reads what was picked in the dialog for files or for a folder. */
export function readPicked(files: FileList): Chosen {
  return choose(
    Array.from(files, (file) => ({
      chosen: { file, path: file.webkitRelativePath || file.name },
      isInFolder: file.webkitRelativePath !== '',
    })),
  );
}

/** Returns the name under which a file is sent: a name in the bucket has no invisible characters. */
export function nameToSend({ name }: Pick<File, 'name'>): string {
  return name.replace(/\p{C}+/gu, '');
}

/** Returns the store that the folder `store=NAME` gives a file, as in the bucket. */
export function readStoreFolder(path: string): string | undefined {
  const folder = path
    .split('/')
    .slice(0, -1)
    .find((part) => part.startsWith(STORE_FOLDER));
  return folder?.slice(STORE_FOLDER.length);
}

/** A file of a folder is left out if its name says that it is something else. One that a person chose is not. */
function choose(found: readonly { chosen: ChosenFile; isInFolder: boolean }[]): Chosen {
  const isUploaded = ({ chosen, isInFolder }: (typeof found)[number]) =>
    !isInFolder || UPLOADED.test(chosen.file.name);
  const files = found.filter(isUploaded).map(({ chosen }) => chosen);
  return {
    // A browser gives the files of a folder in the order of the disk.
    files: files.sort((one, other) => BY_NAME.compare(one.path, other.path)),
    skipped: found.filter((each) => !isUploaded(each)).map(({ chosen }) => chosen.path),
  };
}

async function readEntry(
  entry: FileSystemEntry,
  found: { chosen: ChosenFile; isInFolder: boolean }[],
): Promise<void> {
  const path = entry.fullPath.replace(/^\//, '');
  if (entry.isFile) {
    const file = await new Promise<File>((resolve, reject) =>
      (entry as FileSystemFileEntry).file(resolve, reject),
    );
    found.push({ chosen: { file, path }, isInFolder: true });
    return;
  }
  const reader = (entry as FileSystemDirectoryEntry).createReader();
  // A call returns some of the entries; the last call returns none.
  for (;;) {
    const entries = await new Promise<FileSystemEntry[]>((resolve, reject) =>
      reader.readEntries(resolve, reject),
    );
    if (entries.length === 0) return;
    for (const each of entries) await readEntry(each, found);
  }
}
