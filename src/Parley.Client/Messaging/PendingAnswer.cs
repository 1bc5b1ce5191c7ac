using Parley.Protocol.Errors;
using Parley.Protocol.Wire;

namespace Parley.Client.Messaging;

/// <summary>One message that somebody waits for: its receipts so far, its answer, and how long the wait still lasts.</summary>
internal sealed class PendingAnswer
{
    private readonly Lock _gate = new();
    private readonly TaskCompletionSource _settled = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly List<Receipt> _receipts = [];
    private readonly ISendObserver? _observer;
    private readonly TimeProvider _time;
    private readonly long _begun;
    private long _extended;
    private Reply? _reply;
    private ParleyException? _failure;

    public PendingAnswer(string target, TimeSpan timeout, ISendObserver? observer, TimeProvider time)
    {
        Target = target;
        Timeout = timeout;
        _observer = observer;
        _time = time;
        _begun = _extended = time.GetTimestamp();
    }

    /// <summary>Who was asked; canonical as soon as the hub said so.</summary>
    public string Target { get; private set; }

    /// <summary>Longest silence before the wait ends.</summary>
    public TimeSpan Timeout { get; }

    /// <summary>Completes when there is nothing to wait for any more.</summary>
    public Task Settled => _settled.Task;

    /// <summary>Whether it came to an end that no answer will follow.</summary>
    public bool IsSettledWithoutAnswer => _settled.Task.IsCompleted && _reply is null;

    /// <summary>Whether the answer came.</summary>
    public bool IsAnswered
    {
        get
        {
            lock (_gate)
            {
                return _reply is not null;
            }
        }
    }

    /// <summary>Waits for the end; progress extends the wait.</summary>
    /// <param name="link">Completes when the link has ended for good: then no answer comes.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="TimeoutException">Nothing was heard for as long as the time-out.</exception>
    /// <exception cref="ParleyException">Why the link ended.</exception>
    public async Task WaitAsync(Task link, CancellationToken cancellationToken)
    {
        while (true)
        {
            var left = Timeout - _time.GetElapsedTime(Volatile.Read(ref _extended));
            if (left <= TimeSpan.Zero && !_settled.Task.IsCompleted)
            {
                throw new TimeoutException();
            }

            try
            {
                var first = await Task.WhenAny(_settled.Task, link).WaitAsync(left > TimeSpan.Zero ? left : TimeSpan.Zero, _time, cancellationToken);
                if (first == link && !_settled.Task.IsCompleted)
                {
                    await link;
                    throw new ParleyException(ErrorCode.Canceled, "The link was closed before the answer came.");
                }

                return;
            }
            catch (TimeoutException)
            {
                // Somebody may have reported progress meanwhile.
            }
        }
    }

    /// <summary>Takes output; it is a sign of life.</summary>
    public void Show(Part part)
    {
        Volatile.Write(ref _extended, _time.GetTimestamp());
        _observer?.OnPart(Target, part);
    }

    /// <summary>Takes the answer.</summary>
    public void Complete(string from, Reply reply)
    {
        lock (_gate)
        {
            Target = from;
            _reply ??= reply;
        }

        _settled.TrySetResult();
    }

    /// <summary>Takes a receipt.</summary>
    public void Note(Receipt receipt)
    {
        Volatile.Write(ref _extended, _time.GetTimestamp());
        if (receipt.State == ReceiptState.Unspecified)
        {
            return;
        }

        lock (_gate)
        {
            _receipts.Add(receipt);
            if (receipt.To.Length > 0)
            {
                Target = receipt.To;
            }
        }

        _observer?.OnReceipt(Target, receipt);
        if (receipt.State is ReceiptState.Refused or ReceiptState.Expired or ReceiptState.Failed or ReceiptState.Unknown ||
            (receipt.State == ReceiptState.Read && receipt.Message == Listener.ShownNote))
        {
            _settled.TrySetResult();
        }
    }

    /// <summary>Ends the wait: no answer will come. One that came is the better news.</summary>
    public void Fail(ParleyException failure)
    {
        lock (_gate)
        {
            _failure ??= failure;
        }

        _settled.TrySetResult();
    }

    /// <summary>What is known now.</summary>
    public SendResult ToResult(string id, ParleyException? error)
    {
        lock (_gate)
        {
            error = _failure ?? error;
            var last = _receipts.LastOrDefault();
            var status = _reply is not null ? SendStatus.Answered : StatusOf(last, error);
            if (_reply is null && last is { Code.Length: > 0 } && last.State != ReceiptState.Held)
            {
                error = new ParleyException(ErrorMap.FromWireName(last.Code), last.Message);
            }

            return new SendResult(id, Target, status, _reply, [.. _receipts], _time.GetElapsedTime(_begun), _reply is null ? error : null);
        }
    }

    private static SendStatus StatusOf(Receipt? last, ParleyException? error) => last?.State switch
    {
        ReceiptState.Delivered => SendStatus.Delivered,
        ReceiptState.Read or ReceiptState.Answered => SendStatus.Read,
        ReceiptState.Accepted or ReceiptState.Held => SendStatus.Held,
        ReceiptState.Refused => SendStatus.Refused,
        ReceiptState.Expired => SendStatus.Expired,
        ReceiptState.Failed => SendStatus.Failed,
        ReceiptState.Unknown => SendStatus.Unknown,
        _ => error is null or { Code: ErrorCode.DeadlineExceeded or ErrorCode.HubUnreachable or ErrorCode.Canceled } ? SendStatus.Unknown : SendStatus.Refused,
    };
}
