using System.Runtime.CompilerServices;
using Parley.Client.Responders;

namespace Parley.Benchmarks.Agents;

/// <summary>A responder that says its first word at once; a message that begins with <see cref="Hold"/> gets no more until all are let go.</summary>
internal sealed class FirstWord : IResponder
{
    /// <summary>What a message begins with whose answer stays open.</summary>
    public static ReadOnlySpan<byte> Hold => "hold"u8;

    private readonly TaskCompletionSource _released = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _held;

    /// <inheritdoc/>
    public ResponderTraits Traits => ResponderTraits.None;

    /// <summary>Answers that are open.</summary>
    public int Held => Volatile.Read(ref _held);

    /// <summary>Ends the answers that are open.</summary>
    public void Release() => _released.TrySetResult();

    /// <inheritdoc/>
    public async IAsyncEnumerable<ResponderEvent> RespondAsync(ResponderRequest request, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        yield return new ResponderEvent.Text("first", IsDelta: true);
        if (request.Content.Bytes.Span.StartsWith(Hold))
        {
            Interlocked.Increment(ref _held);
            await _released.Task.WaitAsync(cancellationToken);
        }

        yield return new ResponderEvent.Text(" and last", IsDelta: true);
    }
}
