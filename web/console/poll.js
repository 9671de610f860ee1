// Asks again and again, as long as somebody looks.

/** Calls `work` at once and `seconds` after each end, not while the tab is hidden, and at once when it is seen again. */
export function poll(work, signal, seconds = 2) {
  let timer = null;
  let isBusy = false;
  const turn = async () => {
    clearTimeout(timer);
    if (isBusy || signal.aborted || document.hidden) return;
    isBusy = true;
    try {
      await work();
    } finally {
      isBusy = false;
      if (!signal.aborted) timer = setTimeout(turn, seconds * 1000);
    }
  };
  document.addEventListener("visibilitychange", turn, { signal });
  turn();
}
