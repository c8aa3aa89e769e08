/** The URL of a package's entry, as a module of this project would import it. */
export const resolve = (packageName: string): string => import.meta.resolve(packageName);
