using Parley.Client.Chat;
using Parley.Client.Peering;
using Parley.Protocol.Errors;

namespace Parley.Cli.PeerToPeer.Chat;

/// <summary>One chat at a terminal or at a program's hand: carries out what is typed, and shows what comes.</summary>
internal sealed class ChatDesk(CommandContext context, IChatScreen screen, ChatHistory? given, string self, string output) : IChatEvents, IDisposable
{
    private readonly TaskCompletionSource _met = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource _files = new();
    private ChatTalk _talk = null!;
    private ChatFiles _drops = null!;
    private string _from = string.Empty;
    private ChatHistory? _history = given;
    private int _exit;

    /// <summary>Ends when somebody is there.</summary>
    public Task Met => _met.Task;

    /// <summary>The code of the last order that failed; 0 when none did.</summary>
    public int Exit => _exit;

    /// <summary>Which chat.</summary>
    public void Use(ChatTalk talk)
    {
        _talk = talk;
        _drops = new ChatFiles(context, talk, screen, output);
    }

    /// <summary>Carries out a line.</summary>
    /// <returns>False when the user leaves.</returns>
    public async Task<bool> DoAsync(string line, CancellationToken cancellationToken)
    {
        try
        {
            var order = context.IsJson ? ChatOrder.ReadJson(line) : ChatOrder.Read(line);
            if (order.Kind == ChatOrderKind.Quit)
            {
                return false;
            }

            await _talk.RoomAsync(cancellationToken);
            Do(order);
        }
        catch (ParleyException exception) when (exception.Code is not ErrorCode.AgentOffline)
        {
            // One bad line does not end a talk.
            screen.ShowNote($"{exception.Message} ({exception.Row.Fixer})");
            _exit = exception.Row.Exit;
        }

        return true;
    }

    /// <summary>Waits until everything that was said has arrived, and own files are where they go.</summary>
    public async Task FinishAsync(CancellationToken cancellationToken)
    {
        await _talk.ReceivedAsync(cancellationToken);
        while (!_drops.IsIdle)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(50), context.Time, cancellationToken);
        }
    }

    /// <summary>Ends files that are under way.</summary>
    public async Task EndAsync()
    {
        await _files.CancelAsync();
        await _drops.EndAsync();
    }

    /// <inheritdoc/>
    public void Dispose() => _files.Dispose();

    /// <inheritdoc/>
    public void OnSession(IPeerSession session)
    {
        var isNew = !_met.Task.IsCompleted;
        _from = session.Remote.ToString();
        if (isNew)
        {
            screen.ShowSession(session);
        }

        _met.TrySetResult();
    }

    /// <inheritdoc/>
    public void OnStartedAnew() => _drops.ForgetOffers();

    /// <inheritdoc/>
    public void OnPath(PeerPath path) => screen.ShowPath(path);

    /// <inheritdoc/>
    public void OnLost(ParleyException? refusal) => screen.ShowLost(refusal is null ? "the path broke; looking for another" : $"{_from} is gone; waiting for it to come back");

    /// <inheritdoc/>
    public void OnItem(ChatItem item)
    {
        if (_drops.Take(item, _files.Token) || item.Kind == ChatItemKind.Message)
        {
            screen.ShowItem(_from, item);
        }

        if (item.Kind is ChatItemKind.Message or ChatItemKind.Offer)
        {
            Keep(item.SentAt, _from, item.Kind, item.Text);
        }
    }

    /// <inheritdoc/>
    public void OnReceived(long number) => screen.ShowDelivered(number, _talk.Waiting);

    /// <inheritdoc/>
    public void OnTyping(bool isTyping) => screen.ShowTyping(_from, isTyping);

    // A full disk ends the history, not the chat.
    private void Keep(DateTimeOffset at, string who, ChatItemKind kind, string text)
    {
        try
        {
            _history?.Add(at, who, kind, text);
        }
        catch (IOException)
        {
            _history = null;
            screen.ShowNote("The history's file takes no more (a full disk?): what is said from now on is not kept.");
        }
    }

    private void Do(ChatOrder order)
    {
        switch (order.Kind)
        {
            case ChatOrderKind.Say:
                _talk.Type(false);
                screen.ShowSent(_talk.Say(order.Text), order, _talk.Waiting);
                Keep(context.Time.GetUtcNow(), self, ChatItemKind.Message, order.Text);
                break;
            case ChatOrderKind.Send:
                screen.ShowSent(_drops.Offer(order.Text), order, _talk.Waiting);
                Keep(context.Time.GetUtcNow(), self, ChatItemKind.Offer, Path.GetFileName(order.Text));
                break;
            case ChatOrderKind.Take or ChatOrderKind.Decline:
                _drops.Answer(order.Number, order.Kind == ChatOrderKind.Take, _files.Token);
                break;
            case ChatOrderKind.Typing:
                _talk.Type(order.Number == 1);
                break;
            case ChatOrderKind.Help:
                screen.ShowNote(ChatOrder.Help);
                break;
            default:
                break;
        }
    }
}
