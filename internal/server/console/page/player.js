// The preview: the channel as its receivers see it, some seconds later.
import { button, el, icon, setText } from './dom.js';

/** How often playback is restarted after an error. */
const maxRetries = 3;

/** The preview of a channel that is on air. */
export class Player {
	#video = /** @type {HTMLVideoElement} */ (el('video', { playsinline: true, tabindex: -1, 'aria-label': 'Live preview' }));
	#play = button('pause', 'Pause', { class: 'glass icon-only', 'aria-label': 'Pause the preview', title: 'Pause' });
	#sound = button('muted', 'Unmute', { class: 'glass', 'aria-label': 'Unmute the preview', title: 'Unmute (M)' });
	#full = button('full', 'Full screen', { class: 'glass icon-only', 'aria-label': 'Full screen', title: 'Full screen (F)' });
	#live = el('span', { class: 'live' }, el('span', { class: 'live-dot' }), el('span', {}, 'Live'));
	#note = el('div', { class: 'player-note' });
	#behind = el('span', { class: 'behind' });
	/** @type {any} */ #hls;
	#failures = 0;
	#url = '';
	#destroyed = false;
	#timer = 0;
	element = el('div', { class: 'player' }, this.#video, this.#note,
		el('div', { class: 'player-top' }, this.#live, this.#behind),
		el('div', { class: 'player-bar' }, this.#play, this.#sound, this.#full));

	constructor() {
		this.#video.muted = true;
		this.#play.addEventListener('click', () => this.toggle());
		this.#sound.addEventListener('click', () => this.toggleMute());
		this.#full.addEventListener('click', () => this.toggleFullscreen());
		this.#video.addEventListener('playing', () => this.#updateState());
		this.#video.addEventListener('pause', () => this.#updateState());
		this.#video.addEventListener('waiting', () => this.element.classList.add('waiting'));
		this.#video.addEventListener('timeupdate', () => this.element.classList.remove('waiting'));
		this.#video.addEventListener('volumechange', () => this.#updateSound());
		this.#timer = setInterval(() => this.#updateLatency(), 1000);
	}

	/** Plays a playlist. @param {string} url */
	async play(url) {
		if (this.#url === url) return;
		this.stop('');
		this.#url = url;
		this.#showNote('spinner', 'Loading the preview…');
		if (matchMedia('(prefers-reduced-motion: reduce)').matches) {
			const b = button('play', 'Show the preview', { class: 'primary' });
			b.addEventListener('click', () => this.#load());
			this.#note.replaceChildren(b);
			return;
		}
		await this.#load();
	}

	async #load() {
		const url = this.#url;
		const { default: Hls } = /** @type {any} */ (await import('./vendor/hls.light.min.mjs'));
		if (this.#destroyed || url !== this.#url || !url) return;
		if (!Hls.isSupported()) return this.#playNatively(url);
		// Demultiplexing one preview needs no worker.
		const hls = new Hls({ enableWorker: false, startFragPrefetch: true, backBufferLength: 20, maxBufferLength: 15, liveSyncDurationCount: 2, liveMaxLatencyDurationCount: 8 });
		this.#hls = hls;
		hls.on(Hls.Events.ERROR, (/** @type {string} */ _, /** @type {any} */ data) => this.#onError(Hls, data));
		hls.on(Hls.Events.MANIFEST_PARSED, () => this.#video.play().catch(() => this.#updateState()));
		hls.loadSource(url);
		hls.attachMedia(this.#video);
	}

	/** Safari on phones plays HLS itself. @param {string} url */
	#playNatively(url) {
		if (!this.#video.canPlayType('application/vnd.apple.mpegurl')) {
			return this.#showNote('alert', 'This browser cannot play live streams. The commands below can.');
		}
		this.#video.src = url;
		this.#video.play().catch(() => this.#updateState());
	}

	/** @param {any} Hls @param {any} data */
	#onError(Hls, data) {
		if (!data.fatal) return;
		if (/codec/i.test(data.details)) {
			this.#unload();
			return this.#showNote('alert', 'This browser cannot decode this channel. ffplay and VLC can: see the commands below.');
		}
		if (data.type === Hls.ErrorTypes.MEDIA_ERROR && this.#failures++ < maxRetries) return this.#hls.recoverMediaError();
		this.#unload();
		if (this.#failures++ < maxRetries) {
			this.#showNote('spinner', 'The preview was interrupted; reconnecting…');
			setTimeout(() => this.#url && !this.#hls && this.#load(), 1000 * this.#failures);
			return;
		}
		const again = button('loop', 'Try again');
		again.addEventListener('click', () => {
			this.#failures = 0;
			this.#showNote('spinner', 'Loading the preview…');
			this.#load();
		});
		this.#showNote('alert', 'The preview cannot be played. The channel itself is not affected.', again);
	}

	/** Stops and shows a message. @param {string} text @param {Element} [more] */
	stop(text, more) {
		this.#url = '';
		this.#failures = 0;
		this.#unload();
		if (text) this.#showNote('', text, more);
	}

	destroy() {
		this.#destroyed = true;
		clearInterval(this.#timer);
		this.stop('');
	}

	#unload() {
		this.#hls?.destroy();
		this.#hls = undefined;
		this.#video.removeAttribute('src');
		this.#video.load();
		this.element.classList.remove('playing', 'waiting');
	}

	/** @param {'' | 'spinner' | 'alert'} kind @param {string} text @param {Element} [more] */
	#showNote(kind, text, more) {
		this.element.classList.remove('playing');
		this.#note.replaceChildren(...[kind === 'spinner' && el('span', { class: 'spinner' }), kind === 'alert' && icon('alert'), el('p', {}, text), more].filter((n) => n instanceof Element));
	}

	#updateState() {
		const on = !this.#video.paused;
		if (on || this.#video.readyState >= 2) {
			this.element.classList.add('playing');
			this.#note.replaceChildren();
		} else if (this.#url) {
			const b = button('play', 'Play', { class: 'primary' });
			b.addEventListener('click', () => this.#video.play());
			this.#note.replaceChildren(b);
		}
		this.#play.replaceChildren(icon(on ? 'pause' : 'play'));
		this.#play.setAttribute('aria-label', on ? 'Pause the preview' : 'Play the preview');
		this.element.classList.toggle('paused', !on);
	}

	#updateSound() {
		const off = this.#video.muted;
		this.#sound.replaceChildren(icon(off ? 'muted' : 'sound'), el('span', {}, off ? 'Unmute' : 'Mute'));
		this.#sound.setAttribute('aria-label', off ? 'Unmute the preview' : 'Mute the preview');
	}

	#updateLatency() {
		const latency = this.#hls?.latency;
		setText(this.#behind, latency > 0 && this.element.classList.contains('playing') ? `${latency.toFixed(0)} s behind` : '');
	}

	toggle() {
		if (!this.#video.paused) return this.#video.pause();
		const edge = this.#hls?.liveSyncPosition;
		if (edge > this.#video.currentTime + 4) this.#video.currentTime = edge;
		this.#video.play().catch(() => {});
	}

	toggleMute() {
		this.#video.muted = !this.#video.muted;
	}

	toggleFullscreen() {
		if (document.fullscreenElement) document.exitFullscreen();
		else this.element.requestFullscreen?.().catch(() => {});
	}
}
