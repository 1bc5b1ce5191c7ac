using Parley.Client.Chat;
using Parley.Client.Peering;
using Parley.Client.Transfer;
using Parley.Protocol.Formats;

namespace Parley.Cli.PeerToPeer.Chat;

/// <summary>A chat for a person. Each message is one line, whatever it holds: nobody can put words into another's mouth by a line break.</summary>
/// <param name="context">The terminal; words go to standard output, all else to standard error.</param>
/// <param name="prompt">The line that is being typed, where there is one.</param>
internal sealed class ChatTextScreen(CommandContext context, ChatPrompt? prompt) : IChatScreen
{
    /// <inheritdoc/>
    public void ShowSession(IPeerSession session)
    {
        Above(() => P2pHome.Introduce(context, session));
        ShowNote($"chatting with {session.Remote} ({P2pHome.WordOf(session.Trust)}); /help shows what may be typed");
    }

    /// <inheritdoc/>
    public void ShowPath(PeerPath path) => ShowNote($"{PathKindName.Of(path.Kind)}: {path.Reason}");

    /// <inheritdoc/>
    public void ShowLost(string why)
    {
        prompt?.SetTyping(null);
        ShowNote(why);
    }

    /// <inheritdoc/>
    public void ShowItem(string from, ChatItem item)
    {
        var name = TransferText.Line(item.Text);
        switch (item.Kind)
        {
            case ChatItemKind.Message:
                prompt?.SetTyping(null);
                Above(() => context.Terminal.WriteLine($"{from}: {name}"));
                break;
            case ChatItemKind.Offer:
                ShowNote($"{from} offers {name}, {SizeText.Format(item.Size)}: /take {item.Number} or /decline {item.Number}");
                break;
            default:
                ShowNote(item.Kind == ChatItemKind.Taken ? $"{from} takes file {item.File}" : $"{from} does not want file {item.File}");
                break;
        }
    }

    /// <inheritdoc/>
    public void ShowSent(long number, ChatOrder order, int waiting)
    {
        prompt?.SetWaiting(waiting);
        if (prompt is not null && order.Kind == ChatOrderKind.Say)
        {
            Above(() => context.Terminal.WriteLine($"you: {TransferText.Line(order.Text)}"));
        }
        else if (order.Kind == ChatOrderKind.Send)
        {
            ShowNote($"file {number} is offered");
        }
    }

    /// <inheritdoc/>
    public void ShowDelivered(long number, int waiting) => prompt?.SetWaiting(waiting);

    /// <inheritdoc/>
    public void ShowTyping(string from, bool isTyping) => prompt?.SetTyping(isTyping ? from : null);

    /// <inheritdoc/>
    public void ShowFile(bool isMine, long number, string name, TransferResult result) =>
        ShowNote($"file {number} {(isMine ? "arrived" : "is here")}: {TransferText.Line(name)}, {SizeText.Format(result.Bytes)}{(result.Sha256 is { } hash ? $", sha256 {hash}" : string.Empty)}");

    /// <inheritdoc/>
    public void ShowFileFailed(bool isMine, long number, string name, string why) => ShowNote($"file {number}, {TransferText.Line(name)}: {TransferText.Line(why)}");

    /// <inheritdoc/>
    public void ShowNote(string text) => Above(() => context.Terminal.Note(text));

    private void Above(Action write)
    {
        if (prompt is null)
        {
            write();
        }
        else
        {
            prompt.Above(write);
        }
    }
}
