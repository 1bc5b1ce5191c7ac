using Parley.Client.Journal;
using Parley.Client.Responders;
using Parley.Protocol.Messaging;
using Parley.Protocol.Wire;

namespace Parley.Client.Messaging;

public sealed partial class Listener
{
    private static readonly TimeSpan _readAfter = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan _workingEvery = TimeSpan.FromSeconds(10);

    /// <summary>Tells the sender of one message what its run does: read when it does not answer at once, output as it comes, a sign of life now and then.</summary>
    private sealed class AnswerSink : IAnswerSink, IAsyncDisposable
    {
        private readonly Listener _listener;
        private readonly JournalKey _key;
        private readonly Envelope _envelope;
        private ITimer? _timer;
        private bool _isRead;

        public AnswerSink(Listener listener, JournalKey key, Envelope envelope)
        {
            _listener = listener;
            _key = key;
            _envelope = envelope;
        }

        /// <inheritdoc/>
        public async ValueTask StartedAsync(CancellationToken cancellationToken)
        {
            await _listener._journal.StartAsync(_key, cancellationToken);
            _timer = _listener._time.CreateTimer(_ => Tell(), null, _readAfter, _workingEvery);
        }

        /// <inheritdoc/>
        public ValueTask PartAsync(Part part, CancellationToken cancellationToken)
        {
            if (_envelope.WantsReply)
            {
                _listener.Link.Post(EnvelopeFactory.Part(_envelope, part, EnvelopeId.Make(_listener._random)));
            }

            return ValueTask.CompletedTask;
        }

        /// <inheritdoc/>
        public ValueTask DisposeAsync() => _timer?.DisposeAsync() ?? ValueTask.CompletedTask;

        private void Tell()
        {
            _listener.Report(_envelope, _isRead ? ReceiptState.Unspecified : ReceiptState.Read);
            _isRead = true;
        }
    }
}
