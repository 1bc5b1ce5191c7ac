namespace Parley.Client.Chat.Wire;

/// <summary>Kinds of frames of a chat; docs/protocol/chat.md has their layout. Unknown ones are skipped.</summary>
internal enum ChatFrameKind : byte
{
    /// <summary>The first frame of a path, of either end: a <see cref="ChatHello"/>.</summary>
    Hello = 0x01,

    /// <summary>A <see cref="ChatItem"/>.</summary>
    Item = 0x02,

    /// <summary>Number (8): everything up to it is here.</summary>
    Received = 0x03,

    /// <summary>1 or 0 (1): whether the speaker types.</summary>
    Typing = 0x04,

    /// <summary>A <see cref="FileRoute"/>: the file's sender begins a way for it.</summary>
    FileOpen = 0x20,

    /// <summary>A <see cref="FileRoute"/> and bytes of the transfer.</summary>
    FileBytes = 0x21,

    /// <summary>A <see cref="FileRoute"/> and a number (4): that many further bytes may come.</summary>
    FileCredit = 0x22,

    /// <summary>A <see cref="FileRoute"/>: the way is over, or the whole file.</summary>
    FileClose = 0x23,

    /// <summary>Nothing but a sign of life.</summary>
    Alive = 0x40,

    /// <summary>A code's length (2), the code, and a sentence: the chat is over.</summary>
    Error = 0x41,

    /// <summary>The user left.</summary>
    Bye = 0x43,
}
