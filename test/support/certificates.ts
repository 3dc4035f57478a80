import { execFileSync } from 'node:child_process';

/** Makes in `folder` an authority (`ca.crt`, `ca.key`), and certificates with keys for `localhost` and a client. */
export function makeCertificates(folder: string): void {
  const openssl = (...args: string[]): void => void execFileSync('openssl', args, { cwd: folder, stdio: 'ignore' });
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  openssl('req', '-x509', ...key, '-keyout', 'ca.key', '-out', 'ca.crt', '-subj', '/CN=ca', '-days', '2');
  const subjects = { server: 'localhost', client: 'client' };
  for (const [name, subject] of Object.entries(subjects)) {
    const files = ['-keyout', `${name}.key`, '-out', `${name}.crt`, '-CA', 'ca.crt', '-CAkey', 'ca.key'];
    const about = ['-subj', `/CN=${subject}`, '-addext', 'subjectAltName=DNS:localhost', '-days', '2'];
    openssl('req', '-x509', ...key, ...about, ...files);
  }
}
