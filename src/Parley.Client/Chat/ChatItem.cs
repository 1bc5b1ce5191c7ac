namespace Parley.Client.Chat;

/// <summary>Something said in a chat: numbered, kept by its speaker until it is acknowledged, shown once.</summary>
/// <param name="Number">From 1, without gaps, per speaker.</param>
/// <param name="Kind">What it is; an unknown number is one of a newer program, acknowledged and not shown.</param>
/// <param name="SentAt">The speaker's clock.</param>
/// <param name="File">Of an answer: the number of the offer. 0 otherwise.</param>
/// <param name="Size">Of an offer: bytes. 0 otherwise.</param>
/// <param name="Text">The words, or a file's name. Of others: their words, which may hold anything.</param>
public sealed record ChatItem(long Number, ChatItemKind Kind, DateTimeOffset SentAt, long File, long Size, string Text);
