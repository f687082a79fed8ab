// The form that creates a channel.
import { button, el, icon, setText, toast } from './dom.js';
import { plural, rate, size } from './format.js';
import { canStop, openDialog } from './actions.js';
import { openFiles } from './browse.js';
import { request } from './store.js';

/** @typedef {import('./store.js').Store} Store */

const encodings = [
	['', 'None'],
	['avc', 'H.264 and AAC, same size'],
	['hevc', 'HEVC and AAC, same size'],
	['mpeg2', 'MPEG-2 and MP2, same size'],
	['lilo', 'H.264 1080p25, 10 Mb/s constant'],
];

/**
 * An address on this machine that no channel sends to. RTP ports are even (RFC 3550, 11).
 * @param {Store} store
 */
export function freeAddress(store) {
	const taken = new Set([...store.channels.values()].flatMap((c) => c.pipelines.flatMap((p) => p.to)));
	let port = 5000;
	while (port < 65000 && [...taken].some((to) => to.includes(`:${port}`))) port += 2;
	return `rtp://127.0.0.1:${port}`;
}

/** What a destination is told from others by: host and port. @param {string} to */
function addressOf(to) {
	return to.trim().replace(/^\w+:\/\//, '').replace(/[/?].*$/, '').toLowerCase();
}

class Form {
	#source = field('text', { id: 'f-source', name: 'source', autofocus: true, placeholder: '/films/news.mp4 or https://…', autocomplete: 'off', spellcheck: 'false', autocapitalize: 'none', 'aria-describedby': 'f-source-hint' });
	#name = field('text', { id: 'f-name', name: 'name', autocomplete: 'off', maxlength: 200, placeholder: 'The file’s name' });
	#muxrate = field('text', { id: 'f-muxrate', name: 'muxrate', autocomplete: 'off', placeholder: 'auto', inputmode: 'text', 'aria-describedby': 'f-muxrate-hint' });
	#encode = /** @type {HTMLSelectElement} */ (el('select', { id: 'f-encode', name: 'encode' }, encodings.map(([value, label]) => el('option', { value }, label))));
	#start = field('checkbox', { id: 'f-start', name: 'start' });
	#clip = field('checkbox', { id: 'f-clip' });
	#to = el('div', { class: 'to-list' });
	#report = el('div', { class: 'report', 'aria-live': 'polite' });
	#error = el('p', { class: 'form-error', role: 'alert', hidden: true });
	#submit = button('', 'Create channel', { class: 'primary', type: 'submit' });
	/** @type {AbortController | undefined} */ #probing;
	#timer = 0;
	#probed = '';

	/** @param {Store} store @param {(id: string) => void} created @param {Given} [given] */
	constructor(store, created, given) {
		this.store = store;
		this.created = created;
		this.given = given;
		const edits = given?.what === 'edit';
		const title = { edit: 'Edit the channel', clone: 'Clone the channel', create: 'New channel' }[given?.what ?? 'create'];
		this.#start.checked = true;
		const cancel = button('', 'Cancel');
		const close = button('close', 'Close', { class: 'quiet icon-only', 'aria-label': 'Close' });
		const browse = button('folder', 'Browse', { 'aria-label': 'Browse the files of the server' });
		browse.addEventListener('click', () => openFiles((path) => {
			this.#clip.checked = this.#source.disabled = false;
			this.#source.value = path;
			this.#probe();
		}));
		const add = button('plus', 'Add another', { class: 'quiet small' });
		const form = el('form', { class: 'form', novalidate: true, onsubmit: (/** @type {Event} */ e) => this.#submitForm(e) },
			el('div', { class: 'dialog-head' }, el('h2', { id: 'form-title' }, title), close),
			el('div', { class: 'form-body' },
				el('div', { class: 'form-fields' },
					el('div', { class: 'field' }, el('label', { for: 'f-source' }, 'Source'), el('div', { class: 'source' }, this.#source, store.browse && browse),
						el('p', { id: 'f-source-hint', class: 'hint' }, this.#sourceHint()),
						el('label', { class: 'check' }, this.#clip, el('span', {}, 'Play the bundled clip'))),
					el('div', { class: 'field' }, el('label', { for: 'f-name' }, 'Name'), this.#name),
					el('fieldset', { class: 'field' }, el('legend', {}, 'Destinations'), this.#to, add),
					el('div', { class: 'pair' },
						el('div', { class: 'field' }, el('label', { for: 'f-encode' }, 'Encoding'), this.#encode),
						el('div', { class: 'field' }, el('label', { for: 'f-muxrate' }, 'Mux rate'), this.#muxrate, el('p', { id: 'f-muxrate-hint', class: 'hint' }, 'The smallest if empty; or 6M, 6500k'))),
					!edits && el('label', { class: 'check' }, this.#start, el('span', {}, 'Start it now')),
					edits && canStop(given.info.channel) && el('p', { class: 'hint warn' }, 'It is on air: saving stops it and starts it again.')),
				this.#report),
			this.#error,
			el('div', { class: 'dialog-end' }, cancel, this.#submit));
		this.dialog = /** @type {HTMLDialogElement} */ (el('dialog', { class: 'sheet', 'aria-labelledby': 'form-title' }, form));
		for (const b of [cancel, close]) b.addEventListener('click', () => this.dialog.close());
		add.addEventListener('click', () => this.#addDestination('').focus());
		this.#source.addEventListener('input', () => this.#probeSoon());
		this.#source.addEventListener('change', () => this.#probe());
		this.#clip.addEventListener('change', () => this.#toggleClip());
		this.#encode.addEventListener('change', () => this.#probe(true));
		this.#muxrate.addEventListener('input', () => this.#probeSoon(true));
		this.#to.addEventListener('input', () => this.#checkAddresses());
		this.dialog.addEventListener('close', () => this.#probing?.abort());
		if (edits) this.#submit.replaceChildren(el('span', {}, 'Save'));
		if (given) return this.#fill(given);
		this.#addDestination(freeAddress(store));
		this.#showPlaceholder();
	}

	/** Fills in what a channel has. @param {Given} given */
	#fill({ what, info }) {
		const { channel, clip, muxrate, encode } = info;
		this.#clip.checked = clip;
		this.#source.disabled = clip;
		this.#source.value = clip ? '' : channel.source;
		this.#name.value = what === 'clone' ? `${channel.name} copy` : channel.name;
		this.#muxrate.value = muxrate === 'auto' ? '' : muxrate;
		if (encode && !encodings.some(([value]) => value === encode)) this.#encode.append(el('option', { value: encode }, `As now: ${encode}`));
		this.#encode.value = encode;
		const to = what === 'clone' ? [freeAddress(this.store)] : info.outputs.flat().map((/** @type {any} */ o) => o.url);
		for (const one of to.length ? to : ['']) this.#addDestination(one);
		this.#probe(true);
	}

	#sourceHint() {
		return this.store.sourceHints.length > 0 ? this.store.sourceHints.join(' ') : 'An MP4 file: a path on the server, or an https:// or s3:// URL.';
	}

	/** @param {string} value */
	#addDestination(value) {
		const input = field('text', { value, placeholder: 'rtp://239.1.1.1:5000?ttl=4', 'aria-label': 'Destination', autocomplete: 'off', spellcheck: 'false', autocapitalize: 'none', name: 'to' });
		const remove = button('close', 'Remove', { class: 'quiet icon-only', 'aria-label': 'Remove this destination' });
		const line = el('div', { class: 'to' }, input, remove, el('p', { class: 'hint warn', role: 'status' }));
		remove.addEventListener('click', () => {
			line.remove();
			this.#checkAddresses();
			if (!this.#to.hasChildNodes()) this.#addDestination('');
			/** @type {HTMLElement} */ (this.#to.querySelector('input')).focus();
		});
		this.#to.append(line);
		this.#checkAddresses();
		return input;
	}

	/** Warns of destinations that have other channels, or that are there twice. */
	#checkAddresses() {
		const inputs = [...this.#to.querySelectorAll('input')];
		for (const i of inputs) {
			const address = addressOf(i.value), hint = /** @type {Element} */ (i.parentElement?.querySelector('.hint'));
			const own = this.given?.what === 'edit' ? this.given.info.channel.id : '';
			const other = address && [...this.store.channels.values()].find((c) => c.id !== own && c.pipelines.some((p) => p.to.some((to) => addressOf(to) === address)));
			setText(hint, other ? `“${other.name}” has this destination too: while both are on air, its receivers get a mixture of the two.` : '');
		}
	}

	#toggleClip() {
		this.#source.disabled = this.#clip.checked;
		this.#name.placeholder = this.#clip.checked ? 'LILO' : 'The file’s name';
		this.#probe(true);
	}

	/** @param {boolean} [again] even if the source is the same */
	#probeSoon(again = false) {
		clearTimeout(this.#timer);
		this.#timer = setTimeout(() => this.#probe(again), 500);
	}

	/** Probes the source. @param {boolean} [again] even if it is the same */
	async #probe(again = false) {
		clearTimeout(this.#timer);
		const source = this.#clip.checked ? '' : this.#source.value.trim();
		const key = `${this.#clip.checked}\n${source}`;
		if (key === this.#probed && !again) return;
		this.#probed = key;
		this.#probing?.abort();
		if (!source && !this.#clip.checked) return this.#showPlaceholder();
		const probing = new AbortController();
		this.#probing = probing;
		this.#report.replaceChildren(el('div', { class: 'report-loading' }, el('span', { class: 'spinner' }), 'Reading the source…'));
		try {
			this.#showReport(await request('POST', '/console/probe', { source, muxrate: this.#muxrate.value.trim() }, probing.signal));
		} catch (err) {
			if (probing.signal.aborted) return;
			const { field = '', message } = /** @type {any} */ (err);
			if (field === 'muxrate') this.#showError(field, message, false);
			this.#showFailure(message);
		}
	}

	#showPlaceholder() {
		this.#report.replaceChildren(el('div', { class: 'report-empty' }, icon('loop'), el('p', {}, 'Enter a source to see what the file contains and how it loops.')));
	}

	/** @param {string} why */
	#showFailure(why) {
		this.#report.replaceChildren(verdict('bad', 'It cannot be read'), el('p', { class: 'why' }, why));
	}

	/** @param {any} r a report */
	#showReport(r) {
		const encode = this.#encode.value;
		if (!this.#clip.checked) this.#name.placeholder = r.name;
		this.#showError('', '');
		const parts = this.#verdicts(r, encode);
		const facts = r.container ? [['Container', `${r.container}, ${size(r.bytes)}`]] : [];
		if (r.loops && !encode) facts.push(['Mux rate', rate(r.mux_rate)]);
		if (encode) facts.push(['Encoding', 'once, before it plays for the first time; the result is kept']);
		parts.push(el('dl', { class: 'facts' }, facts.flatMap(([k, v]) => [el('dt', {}, k), el('dd', {}, v)])));
		if (r.tracks.length) parts.push(el('ul', { class: 'tracks', 'aria-label': 'Tracks' }, r.tracks.map(track)));
		if (r.adjustments.length) parts.push(el('p', { class: 'label' }, plural(r.adjustments.length, 'note')), el('ul', { class: 'notes' }, r.adjustments.map((/** @type {string} */ a) => el('li', {}, a))));
		this.#report.replaceChildren(...parts);
	}

	/**
	 * Whether the source can be played, and what to do if not.
	 * @param {any} r a report @param {string} encode
	 */
	#verdicts(r, encode) {
		if (r.loops) return [verdict('good', encode ? 'It can be played' : `It loops every ${r.loop_length.replace(/(\.\d*?)0+ s/, '$1 s').replace('. s', ' s')}`)];
		const why = el('p', { class: 'why' }, r.error);
		if (r.problem === 'rate') {
			if (encode) return [verdict('good', 'It will be encoded first')];
			this.#showError('muxrate', r.error, false);
			const smallest = button('', 'Use the smallest rate');
			smallest.addEventListener('click', () => {
				this.#muxrate.value = '';
				this.#probe(true);
			});
			return [verdict('bad', 'The mux rate is too low'), why, smallest];
		}
		if (!r.encodable) return [verdict('bad', 'It cannot be played, and not be encoded'), why, el('p', { class: 'why' }, r.unencodable)];
		if (encode) return [verdict('good', 'It will be encoded first'), why];
		const choose = button('', 'Encode it as H.264 and AAC', { class: 'primary' });
		choose.addEventListener('click', () => {
			this.#encode.value = 'avc';
			this.#probe(true);
		});
		return [verdict('bad', 'It must be encoded'), why, el('p', { class: 'hint' }, 'It is then encoded once, before it plays for the first time, so that it loops.'), choose];
	}

	/** @param {Event} e */
	async #submitForm(e) {
		e.preventDefault();
		this.#showError('', '');
		const source = this.#source.value.trim();
		if (!source && !this.#clip.checked) return this.#showError('source', 'Enter a source, or choose the bundled clip.');
		const to = [...this.#to.querySelectorAll('input')].map((i) => i.value.trim()).filter(Boolean);
		this.#submit.disabled = true;
		this.#submit.classList.add('busy');
		try {
			const edits = this.given?.what === 'edit', of = this.given?.info.channel.id ?? '';
			const { id } = await request(edits ? 'PUT' : 'POST', `/console/channels${edits ? `/${encodeURIComponent(of)}` : ''}`, {
				from: of, source: this.#clip.checked ? '' : source, name: this.#name.value.trim(), to,
				muxrate: this.#muxrate.value.trim(), encode: this.#encode.value, start: this.#start.checked,
			});
			toast(edits ? 'Channel changed' : 'Channel created');
			this.dialog.close();
			this.created(id);
		} catch (err) {
			const { field = '', message } = /** @type {any} */ (err);
			this.#showError(field, message);
		}
		this.#submit.disabled = false;
		this.#submit.classList.remove('busy');
	}

	/** Shows an error, and marks the field that it is about. @param {string} name @param {string} text @param {boolean} [focus] */
	#showError(name, text, focus = true) {
		this.#error.hidden = !text;
		this.#error.replaceChildren(...(text ? [icon('alert'), el('span', {}, text)] : []));
		for (const i of this.dialog.querySelectorAll('[aria-invalid]')) i.removeAttribute('aria-invalid');
		if (!text) return;
		const at = /** @type {HTMLElement | null} */ (name && this.dialog.querySelector(`[name=${CSS.escape(name)}]`));
		at?.setAttribute('aria-invalid', 'true');
		if (!focus) return;
		at?.focus();
		this.#error.scrollIntoView({ block: 'nearest' });
	}
}

/** @param {string} type @param {Record<string, any>} props */
function field(type, props) {
	return /** @type {HTMLInputElement} */ (el('input', { type, ...props }));
}

/** @param {'good' | 'bad'} kind @param {string} text */
function verdict(kind, text) {
	return el('p', { class: `verdict ${kind}` }, icon(kind === 'good' ? 'check' : 'alert'), el('strong', {}, text));
}

/** @param {any} t a track */
function track(t) {
	const facts = [t.rate, t.bit_rate && rate(t.bit_rate), t.language && t.language !== 'und' && t.language].filter(Boolean);
	return el('li', {}, el('span', { class: `track ${t.kind}` }, t.kind), el('span', { class: 'track-coding' }, t.coding), el('span', { class: 'muted' }, facts.join(' · ')));
}

/** @typedef {{what: 'edit' | 'clone', info: any}} Given what is done to which channel, as its page knows it */

/**
 * Opens the form.
 * @param {Store} store @param {(id: string) => void} created @param {Given} [given] without it, the channel is a new one
 */
export function openForm(store, created, given) {
	openDialog(new Form(store, created, given).dialog, true);
}
