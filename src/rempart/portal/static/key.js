// The browser's key: made here, cannot be taken out, kept by the browser for this site alone.
// One key for each person who signs in at this browser, named by the passkey's user handle.

const STORE = "keys";
const KIND = { name: "ECDSA", namedCurve: "P-256" };

function opened() {
  return new Promise((resolve, reject) => {
    const asking = indexedDB.open("rempart", 1);
    asking.onupgradeneeded = () => asking.result.createObjectStore(STORE);
    asking.onsuccess = () => resolve(asking.result);
    asking.onerror = () => reject(asking.error);
  });
}

async function kept(mode, work) {
  const database = await opened();
  try {
    return await new Promise((resolve, reject) => {
      const transaction = database.transaction(STORE, mode);
      const asking = work(transaction.objectStore(STORE));
      transaction.oncomplete = () => resolve(asking.result);
      transaction.onerror = () => reject(transaction.error);
      transaction.onabort = () => reject(transaction.error);
    });
  } finally {
    database.close();
  }
}

async function made() {
  const pair = await crypto.subtle.generateKey(KIND, false, ["sign"]);
  const { crv, kty, x, y } = await crypto.subtle.exportKey("jwk", pair.publicKey);
  return { signer: pair.privateKey, jwk: { crv, kty, x, y } };
}

/** The key of a person at this browser, made the first time. */
export async function keyOf(handle) {
  const name = `key ${handle}`;
  const found = await kept("readonly", (store) => store.get(name));
  if (found) return found;
  const key = await made();
  await kept("readwrite", (store) => store.put(key, name));
  return key;
}

/** Forget a person's key: the next sign-in makes another. */
export function forgetKey(handle) {
  return kept("readwrite", (store) => store.delete(`key ${handle}`));
}

/** Keep what this browser knows of its session: whose, and what proofs name its token by. */
export function keepSession(handle, ath) {
  return kept("readwrite", (store) => store.put({ handle, ath }, "session"));
}

/** Keep a key that this page made in place of a passkey (a demonstration's: software_key.js). */
export function keepSoftwareKey(key) {
  return kept("readwrite", (store) => store.put(key, `software ${key.id}`));
}

/** Every such key of this browser. */
export function softwareKeys() {
  return kept("readonly", (store) => store.getAll(IDBKeyRange.bound("software ", "software ~")));
}

/** The session's key, the hash of its token, and whose it is; null when this browser has none. */
export async function sessionKey() {
  const session = await kept("readonly", (store) => store.get("session"));
  if (!session) return null;
  const key = await kept("readonly", (store) => store.get(`key ${session.handle}`));
  return key ? { ...key, ...session } : null;
}

/** Whose session this browser's is, by his passkeys' handle; null when it has none. */
export async function sessionHandle() {
  return (await kept("readonly", (store) => store.get("session")))?.handle ?? null;
}

export function forgetSession() {
  return kept("readwrite", (store) => store.delete("session"));
}
