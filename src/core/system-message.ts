const messages: Readonly<Record<string, string>> = {
  ENOENT: 'No such file or directory',
  ENOTDIR: 'Not a directory',
  EACCES: 'Permission denied',
  EPERM: 'Operation not permitted',
  EROFS: 'Read-only file system',
  EISDIR: 'Is a directory',
  EIO: 'Input/output error',
  ENOSPC: 'No space left on device',
  EDQUOT: 'Disk quota exceeded',
  EFBIG: 'File too large',
  EMFILE: 'Too many open files',
  EADDRINUSE: 'Address already in use',
  EADDRNOTAVAIL: 'Cannot assign requested address',
};

/** An error of the operating system in its own words; any other error's message. */
export function systemMessage(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { code } = error as { code?: unknown };
  return (typeof code === 'string' ? messages[code] : undefined) ?? error.message;
}

/** The same with the path that it is about in front, where the error names one. */
export function systemMessageWithPath(error: unknown): string {
  const { path } = error as { path?: unknown };
  return typeof path === 'string' ? `${path}: ${systemMessage(error)}` : systemMessage(error);
}
