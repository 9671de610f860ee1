import { useEffect, useRef } from "react";

/**
 * The chat in React. The session comes from your server, which knows who is signed in:
 *
 *   POST /api/v1/sessions  {"shopper": "<your own id of the shopper>"}   (with an agent key)
 */
export function Chat({ server, session, shopper, onOrder }) {
  const chat = useRef(null);

  useEffect(() => {
    if (document.querySelector(`script[src="${server}/widget.js"]`)) return;
    const script = document.createElement("script");
    script.src = `${server}/widget.js`;
    document.head.append(script);
  }, [server]);

  useEffect(() => {
    const element = chat.current;
    const told = (event) => onOrder?.(event.detail);
    element.addEventListener("cournot-order", told);
    return () => element.removeEventListener("cournot-order", told);
  }, [onOrder]);

  return <cournot-chat key={shopper} ref={chat} server={server} session={session} memory={shopper} />;
}
