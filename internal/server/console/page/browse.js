// Chooses a file of the server.
import { button, el, icon } from './dom.js';
import { size } from './format.js';
import { openDialog } from './actions.js';
import { request } from './store.js';

/**
 * Opens the folders in which sources may lie; chosen gets the path of the file.
 * @param {(path: string) => void} chosen
 */
export function openFiles(chosen) {
	const where = el('p', { class: 'files-where', 'aria-live': 'polite' }), list = el('ul', { class: 'files', 'aria-label': 'Files' });
	const close = button('', 'Cancel');
	const dialog = /** @type {HTMLDialogElement} */ (el('dialog', { class: 'prompt files-dialog', 'aria-labelledby': 'files-title' },
		el('h2', { id: 'files-title' }, 'Choose a file'), where, list, el('div', { class: 'dialog-end' }, close)));
	close.addEventListener('click', () => dialog.close());

	/** @param {string} name @param {'folder' | 'file' | 'back'} kind @param {string} more @param {() => void} open */
	const entry = (name, kind, more, open) => {
		const b = el('button', { type: 'button', class: 'quiet file' }, icon(kind === 'file' ? 'play' : kind), el('span', { class: 'file-name' }, name), el('span', { class: 'muted' }, more));
		b.addEventListener('click', open);
		return el('li', {}, b);
	};
	const show = async (/** @type {string} */ folder) => {
		try {
			const l = await request('GET', `/console/files?folder=${encodeURIComponent(folder)}`);
			where.textContent = l.folder || 'The folders of this server';
			list.replaceChildren(
				...(l.parent || l.top ? [entry('Up', 'back', '', () => show(l.parent ?? ''))] : []),
				...l.entries.map((/** @type {any} */ e) => (e.folder
					? entry(e.name, 'folder', '', () => show(e.path))
					: entry(e.name, 'file', size(e.bytes), () => {
						dialog.close();
						chosen(e.path);
					}))));
			if (l.entries.length === 0) list.append(el('li', { class: 'notice' }, 'It is empty.'));
			/** @type {HTMLElement | null} */ (list.querySelector('button'))?.focus();
		} catch (err) {
			where.textContent = /** @type {Error} */ (err).message;
		}
	};
	openDialog(dialog);
	show('');
}
