using Parley.Hub.Messaging;
using Parley.Protocol.Wire;

namespace Parley.Tests.Messaging;

public sealed class ReceiptTimelineTests
{
    [Fact]
    public void Events_come_back_whole_and_in_the_order_in_which_they_were_noted()
    {
        ReceiptEvent[] events =
        [
            new(ReceiptState.Accepted, 1000),
            new(ReceiptState.Held, 1000, "contact_pending", "wait"),
            new(ReceiptState.Delivered, 5000),
            new(ReceiptState.Read, 4000, Message: "shown"),
            new(ReceiptState.Answered, 9_000_000_000),
        ];
        var timeline = default(ReceiptTimeline);

        foreach (var item in events)
        {
            Assert.True(timeline.Note(item));
        }

        Assert.Equal(events, timeline.ToList());
        Assert.All(events, item => Assert.False(new Copy(timeline).Note(item)));
    }

    [Fact]
    public void An_empty_one_has_nothing()
    {
        var timeline = default(ReceiptTimeline);

        Assert.True(timeline.IsEmpty);
        Assert.Empty(timeline.ToList());
    }

    private sealed class Copy(ReceiptTimeline timeline)
    {
        private ReceiptTimeline _timeline = timeline;

        public bool Note(ReceiptEvent receipt) => _timeline.Note(receipt);
    }
}
