using Parley.Gateway.OpenAi;
using Parley.Protocol.Errors;
using Parley.Protocol.Wire;

namespace Parley.Client.PeerApi.Serving;

/// <summary>A peer's question that is worked on, or was: queued -> running -> completed, failed or cancelled. In memory alone; a restart forgets it.</summary>
/// <param name="peer">Who asked; nobody else may see it.</param>
/// <param name="id">Its id among that peer's.</param>
internal sealed class PeerTask(string peer, string id) : IDisposable
{
    /// <summary>It waits for its turn.</summary>
    public const string Queued = "queued";

    /// <summary>The responder works on it.</summary>
    public const string Running = "running";

    /// <summary>There is an answer.</summary>
    public const string Completed = "completed";

    /// <summary>There will be no answer.</summary>
    public const string Failed = "failed";

    /// <summary>It was stopped by who asked.</summary>
    public const string Cancelled = "cancelled";

    /// <summary>Longest wait of one call for the end of a task. <value>30 s.</value></summary>
    public static readonly TimeSpan MaxWait = TimeSpan.FromSeconds(30);

    private readonly CancellationTokenSource _cancellation = new();
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Who asked.</summary>
    public string Peer => peer;

    /// <summary>Its id.</summary>
    public string Id => id;

    /// <summary>Where it stands.</summary>
    public string Status { get; private set; } = Queued;

    /// <summary>The answer, once it is completed.</summary>
    public ModelAnswer? Answer { get; private set; }

    /// <summary>What the responder said, once it is completed.</summary>
    public Reply? Reply { get; private set; }

    /// <summary>Why there is no answer, once it failed or was cancelled.</summary>
    public ParleyException? Refusal { get; private set; }

    /// <summary>When it ended; null while it goes on.</summary>
    public DateTimeOffset? EndedAt { get; private set; }

    /// <summary>Bytes that are kept of it.</summary>
    public int Size => Reply?.Content.Length ?? 0;

    /// <summary>Ends with it.</summary>
    public Task Ended => _ended.Task;

    /// <summary>Cancelled when who asked wants no answer any more.</summary>
    public CancellationToken Cancellation => _cancellation.Token;

    /// <summary>Its turn has come.</summary>
    public void Start() => Status = Running;

    /// <summary>Stops it; one that has ended stays as it is.</summary>
    public void Cancel()
    {
        if (EndedAt is null)
        {
            _cancellation.Cancel();
        }
    }

    /// <summary>It has an answer, or the responder's reason for none.</summary>
    public void End(Reply reply, DateTimeOffset now)
    {
        if (reply.State is ReplyState.Completed or ReplyState.InputRequired or ReplyState.AuthRequired && reply.ErrorCode.Length == 0)
        {
            (Reply, Answer, Status) = (reply, new ModelAnswer(reply.Content.ToStringUtf8(), reply.Truncated ? ModelFinish.Length : ModelFinish.Stop), Completed);
            Close(now);
            return;
        }

        var code = reply.ErrorCode.Length > 0 ? ErrorMap.FromWireName(reply.ErrorCode) : ErrorCode.ResponderFailed;
        End(new ParleyException(code, reply.ErrorMessage.Length > 0 ? reply.ErrorMessage : "The responder gave no answer."), now);
    }

    /// <summary>It has no answer.</summary>
    public void End(ParleyException refusal, DateTimeOffset now)
    {
        (Refusal, Status) = (refusal, _cancellation.IsCancellationRequested && refusal.Code == ErrorCode.Canceled ? Cancelled : Failed);
        Close(now);
    }

    /// <inheritdoc/>
    public void Dispose() => _cancellation.Dispose();

    private void Close(DateTimeOffset now)
    {
        EndedAt = now;
        _ended.TrySetResult();
    }
}
