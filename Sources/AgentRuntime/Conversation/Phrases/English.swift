extension Phrasebook {
    static let english = Phrasebook(
        wordings: [
            .greeting: [
                "Hello, this is {{fact:agent.name}}. What are you looking for today?",
                "Hi! I am {{fact:agent.name}}. Tell me what you are looking for and I will see what we have.",
            ],
            .ask: [
                "What are you looking for?", "Tell me what you have in mind and I will look for it.",
            ],
            .offer: [
                "Here is what I found:\nROWS\nWhich would you like to know more about?",
                "This might suit you:\nROWS\nShall I tell you more about any of these?",
            ],
            .near: [
                "I did not find just that. This comes nearest:\nROWS\nWould you like to hear more about it?"
            ],
            .more: [
                "Here is more:\nROWS\nDoes anything here suit you?", "There is also:\nROWS\nDo you like any of these?",
            ],
            .nothingFound: [
                "I found nothing that fits. Could you describe it in other words?",
                "Nothing here matches that, I am afraid. Could you put it another way?",
            ],
            .noMore: ["That is everything that fits. Would you like to look for something else?"],
            .price: [
                "The price of {{fact:p1.title}} is {{price:p1}}. Would you like to order it?",
                "{{fact:p1.title}} costs {{price:p1}}. Shall I prepare the order?",
            ],
            .details: [
                "{{fact:p1.title}}: {{fact:p1.description}}\nIt costs {{price:p1}}. Would you like to "
                    + "order it?"
            ],
            .compare: ["Side by side:\nROWS\nWhich would you prefer?"],
            .confirm: [
                "You have chosen {{fact:cart.line}}. The price of an item is {{price:p1}}. Shall I "
                    + "prepare the checkout?",
                "To be sure: {{fact:cart.line}}. The price of an item is {{price:p1}}. Is that right?",
            ],
            .changed: [
                "Please look again: {{fact:cart.line}}. The price of an item is now {{price:p1}}. "
                    + "Shall I prepare the checkout?"
            ],
            .checkout: [
                "Your checkout is ready. The total is {{total:c}}. Please press the button to pay.",
                "All is prepared. The total is {{total:c}}. Please complete the payment with the button.",
            ],
            .unpaid: [
                "The payment is not complete. The total is {{total:c}}. Please press the button to pay."
            ],
            .paid: [
                "Thank you, your payment of {{total:c}} is complete. Your order is placed.",
                "Your order is placed. Your payment of {{total:c}} is complete. Thank you!",
            ],
            .over: [
                "That checkout has ended. Would you like me to prepare it again?"
            ],
            .noOrder: ["I see no order in this chat. A person can look further; shall I ask somebody?"],
            .negotiation: [
                "I understand. The price of {{fact:p1.title}} is {{price:p1}} for you. I cannot change that.",
                "I would like to help. For you {{fact:p1.title}} costs {{price:p1}}. I cannot change that.",
            ],
            .negotiationNothing: [
                "The prices are fixed. Shall I look for something that suits you?"
            ],
            .which: ["Which do you mean? Please tell me its name.", "Which of these do you mean?"],
            .cancelled: ["Very well, I will not order that. What else can I do for you?"],
            .handedOff: [
                "I will pass you on to a person, who will answer here.{{fact:agent.contact}}",
                "A person will take over here.{{fact:agent.contact}}",
            ],
            .offerPerson: ["I am sorry that I do not understand. Would you like to talk to a person?"],
            .thanks: ["You are welcome. Can I do anything else for you?", "My pleasure! Is there anything else?"],
            .bye: ["Thank you for your visit. Goodbye!", "Goodbye, and thank you!"],
            .unclear: [
                "I did not understand that. What are you looking for?",
                "Could you say that in other words? I can find products, show you prices and place orders.",
            ],
            .unavailable: ["I cannot tell you that right now. Please try again in a moment."],
            .checkoutRefused: ["I could not prepare the checkout. Please try again in a moment."],
            .howMany: ["How many would you like?"],
            .policy: ["{{fact:agent.policy}}\nA person can tell you more. Shall I ask somebody?"],
            .service: ["A person can help you with that. Shall I ask somebody?"],
            .replaced: ["The checkout of before is cancelled."],
            .oneAtATime: ["Each product has a checkout of its own, so we take them in turn."],
            .each: [
                "That is {{fact:cart.line}}. The price of an item is {{price:p1}}. The checkout shows the "
                    + "total before you pay. Shall I prepare it?"
            ],
            .currency: ["The price of {{fact:p1.title}} is {{price:p1}}.\n{{fact:shop.currency}}"],
            .whyPrice: ["For you {{fact:p1.title}} costs {{price:p1}}.\n{{fact:shop.pricing}}"],
            .whyPriceNothing: ["{{fact:shop.pricing}}\nWhat are you looking for?"],
            .checkoutCancelled: [
                "Very well, the checkout is cancelled and nothing is ordered. What else can I do for you?"
            ],
            .underway: ["The checkout is under way already, and I cannot cancel it now. Please ask again in a moment."],
            .tooLate: [
                "Your order is placed already. Your payment of {{total:c}} is complete. I cannot cancel it here. A person "
                    + "can help you; shall I ask somebody?"
            ],
            .placed: [
                "Your order is placed. Your payment of {{total:c}} is complete. A person can tell you more; shall I ask "
                    + "somebody?"
            ],
            .partlyRefunded: [
                "Your order is placed. Your payment of {{total:c}} is complete. A part of it was sent back to you. A "
                    + "person can tell you more; shall I ask somebody?"
            ],
            .refunded: [
                "Your order was placed. Your payment of {{total:c}} was complete. All of it was sent back to you. A person "
                    + "can tell you more; shall I ask somebody?"
            ],
            .automatic: ["I am an automatic assistant, not a person. Would you like to talk to a person?"],
        ], row: "• {{fact:P.title}}: {{price:P}}")
}
