/** The client secret of every endpoint: it must be found in no error. */
export const CLIENT_SECRET = "canary-secret-4f1d9c";
