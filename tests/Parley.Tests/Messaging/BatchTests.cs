using System.Buffers;
using System.IO.Pipelines;
using Parley.Hub.Messaging;
using Parley.Hub.Sessions;
using Parley.Protocol.Link;
using Parley.Protocol.Messaging;
using Parley.Protocol.Wire;
using Parley.Tests.Sessions;

namespace Parley.Tests.Messaging;

public sealed class BatchTests
{
    [Theory]
    [InlineData("")]
    [InlineData("a refusal that says why: \u20ac")]
    public async Task Any_number_of_receipts_goes_out_in_frames_that_every_reader_takes(string message)
    {
        var link = new KeptFrames();
        var session = new Session(TestSession.TicketOf(SessionRole.Caller), link, new FrameOutbox(link, CancellationToken.None), (_, _) => { }, DateTimeOffset.UnixEpoch);
        var batch = new Batch();
        var text = string.Concat(Enumerable.Repeat(message, 20));
        for (var number = 0; number < 3000; number++)
        {
            batch.AddReceipt(session, $"{number}".PadLeft(64, '0'), "acme.bob", new ReceiptEvent(ReceiptState.Refused, 1, "mailbox.full", text));
        }

        batch.Flush();
        await session.Outbox.FlushAsync();

        Assert.Equal(Enumerable.Range(0, 3000), link.Frames.SelectMany(frame => frame.Receipts.Items).Select(receipt => int.Parse(receipt.Id)));
        Assert.All(link.Frames, frame => Assert.InRange(frame.CalculateSize(), 1, MessagingLimits.MaxFrameBytes));
    }

    private sealed class KeptFrames : ILinkTransport
    {
        public List<Frame> Frames { get; } = [];

        public string Name => "kept";

        public PipeReader Input => throw new NotSupportedException();

        public ValueTask WriteAsync(ReadOnlyMemory<byte> frames, CancellationToken cancellationToken)
        {
            var buffer = new ReadOnlySequence<byte>(frames);
            while (FrameCodec.TryRead(ref buffer, out var frame))
            {
                Frames.Add(frame);
            }

            return ValueTask.CompletedTask;
        }

        public void Abort()
        {
        }
    }
}
