using Parley.Client.Responders;
using Parley.Testing;

namespace Parley.HubTests.PeerApi;

/// <summary>A responder that keeps its answer back until the test lets it go.</summary>
/// <param name="text">The answer.</param>
internal sealed class HeldAnswer(string text)
{
    private readonly TaskCompletionSource _asked = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _release = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<bool> _cancelled = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>The responder; for one question.</summary>
    public IResponder Responder => DelegateResponder.OfText(async (_, cancellationToken) =>
    {
        _asked.SetResult();
        await _release.Task;
        _cancelled.SetResult(cancellationToken.IsCancellationRequested);
        return text;
    });

    /// <summary>Ends when the question is there.</summary>
    public Task Asked => _asked.Task.WaitAsync(Deadline.Shared);

    /// <summary>Whether the work had been cancelled when it was let go.</summary>
    public Task<bool> WasCancelled => _cancelled.Task.WaitAsync(Deadline.Shared);

    /// <summary>Lets it go.</summary>
    public void Release() => _release.TrySetResult();
}
