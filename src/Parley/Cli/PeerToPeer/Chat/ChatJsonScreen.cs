using System.Text.Json;
using Parley.Client.Chat;
using Parley.Client.Peering;
using Parley.Client.Transfer;
using Parley.Output;

namespace Parley.Cli.PeerToPeer.Chat;

/// <summary>A chat for a program: one JSON document a line.</summary>
internal sealed class ChatJsonScreen(Terminal terminal) : IChatScreen
{
    /// <inheritdoc/>
    public void ShowSession(IPeerSession session) =>
        Write(new ChatEventJson("session") { Agent = session.Remote.ToString(), Trust = P2pHome.WordOf(session.Trust), Phrase = session.Phrase });

    /// <inheritdoc/>
    public void ShowPath(PeerPath path) => Write(new ChatEventJson("path") { Path = PathKindName.WordOf(path.Kind), Text = path.Reason });

    /// <inheritdoc/>
    public void ShowLost(string why) => Write(new ChatEventJson("lost") { Error = why });

    /// <inheritdoc/>
    public void ShowItem(string from, ChatItem item) => Write(item.Kind switch
    {
        ChatItemKind.Message => new ChatEventJson("message") { Agent = from, Id = item.Number, Time = item.SentAt, Text = item.Text },
        ChatItemKind.Offer => new ChatEventJson("offer") { Agent = from, File = item.Number, Time = item.SentAt, Name = item.Text, Bytes = item.Size },
        _ => new ChatEventJson("answer") { Agent = from, File = item.File, Taken = item.Kind == ChatItemKind.Taken },
    });

    /// <inheritdoc/>
    public void ShowSent(long number, ChatOrder order, int waiting) => Write(new ChatEventJson("sent") { Id = number, File = order.Kind == ChatOrderKind.Send ? number : null });

    /// <inheritdoc/>
    public void ShowDelivered(long number, int waiting) => Write(new ChatEventJson("delivered") { Id = number });

    /// <inheritdoc/>
    public void ShowTyping(string from, bool isTyping) => Write(new ChatEventJson("typing") { Agent = from, On = isTyping });

    /// <inheritdoc/>
    public void ShowFile(bool isMine, long number, string name, TransferResult result) =>
        Write(new ChatEventJson("file") { File = number, Direction = WordOf(isMine), Name = name, Bytes = result.Bytes, Sha256 = result.Sha256 });

    /// <inheritdoc/>
    public void ShowFileFailed(bool isMine, long number, string name, string why) =>
        Write(new ChatEventJson("file") { File = number, Direction = WordOf(isMine), Name = name, Error = why });

    /// <inheritdoc/>
    public void ShowNote(string text) => terminal.Note(text);

    private static string WordOf(bool isMine) => isMine ? "out" : "in";

    private void Write(ChatEventJson said) => terminal.WriteJson(JsonSerializer.Serialize(said, ChatJson.Compact.ChatEventJson));
}
