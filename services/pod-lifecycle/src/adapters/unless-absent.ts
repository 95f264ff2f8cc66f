/** What a file operation gives; `absent` where there is no such file or directory. */
export async function unlessAbsent<T, U = undefined>(operation: Promise<T>, absent?: U): Promise<T | U> {
  try {
    return await operation;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return absent as U;
    throw error;
  }
}
