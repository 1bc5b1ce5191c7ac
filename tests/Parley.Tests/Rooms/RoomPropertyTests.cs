using Parley.Hub.Rooms;
using Parley.Protocol.Errors;
using Parley.Testing;

namespace Parley.Tests.Rooms;

/// <summary>Random interleavings of everything both seats can do, against a model: what was taken is read once, in order, by the one it was for.</summary>
public sealed class RoomPropertyTests
{
    [Fact]
    public void No_message_is_lost_duplicated_or_reordered() => Fuzz.Run(30_000, Fuzz.Count, random => random, random => new Play(random).Run());

    private sealed class Play(Random random)
    {
        private readonly RoomKit _kit = RoomKit.Live();
        private readonly Dictionary<Seat, Reader> _readers = [];
        private int _sent;

        public void Run()
        {
            for (var step = random.Next(10, 80); step > 0; step--)
            {
                _kit.Now += TimeSpan.FromSeconds(random.Next(30));
                Step();
            }

            foreach (var reader in _readers.Values.Where(reader => !reader.HasLeft))
            {
                reader.Drain();
                Assert.Equal(reader.Expected, reader.Got);
            }
        }

        private void Step()
        {
            var seats = new[] { _kit.Room.Host, _kit.Room.Joiner }.OfType<Seat>().ToList();
            var seat = seats[random.Next(seats.Count)];
            var reader = ReaderOf(seat);
            switch (random.Next(14))
            {
                case < 5:
                    Send(seat);
                    break;
                case < 9:
                    reader.Wait(random);
                    break;
                case 9:
                    reader.Abort();
                    break;
                case 10:
                    reader.Lose();
                    break;
                case 11:
                    reader.Confirm();
                    break;
                case 12 when random.Next(12) == 0 && seat.IsTaken:
                    _kit.Room.Leave(seat);
                    reader.HasLeft = true;
                    break;
                case 13 when _kit.Room.State == RoomState.HostAlone:
                    ReaderOf(_kit.Join());
                    break;
                default:
                    Assert.True(_kit.Room.EndsAt > TimeSpan.Zero);
                    break;
            }
        }

        private void Send(Seat seat)
        {
            var partner = _kit.Room.PartnerOf(seat);
            var text = $"message {_sent++}";
            try
            {
                _kit.Send(seat, text + new[] { string.Empty, " [OVER]", " [STANDBY]" }[random.Next(3)], random.Next(5) == 0);
                ReaderOf(partner!).Expected.Add(text);
            }
            catch (ParleyException refusal)
            {
                Assert.Contains(refusal.Code, new[] { ErrorCode.RoomNotIn, ErrorCode.RoomPartnerMissing, ErrorCode.RoomLoop });
            }
        }

        private Reader ReaderOf(Seat seat) => _readers.TryGetValue(seat, out var reader) ? reader : _readers[seat] = new Reader(_kit, seat);
    }

    /// <summary>An agent that waits, at times gives up waiting, and at times loses an answer on its way.</summary>
    private sealed class Reader(RoomKit kit, Seat seat)
    {
        private RoomWaiter? _waiter;
        private RoomItem? _leased;

        public List<string> Expected { get; } = [];

        public List<string> Got { get; } = [];

        public bool HasLeft { get; set; }

        public void Wait(Random random)
        {
            Look();
            if (_leased is not null && random.Next(2) == 0)
            {
                Confirm();
            }

            var isSecond = _waiter is not null;
            var waiter = new RoomWaiter();
            try
            {
                seat.Park(waiter, kit.Now);
                Assert.False(isSecond, "two waited at once");
                _waiter = waiter;
            }
            catch (ParleyException refusal)
            {
                Assert.Equal(isSecond ? ErrorCode.RoomWaitPending : ErrorCode.RoomNotIn, refusal.Code);
            }

            Look();
        }

        public void Abort()
        {
            Look();
            if (_waiter is { } waiter && seat.Unpark(waiter))
            {
                _waiter = null;
            }
        }

        public void Lose()
        {
            Look();
            if (_leased is { } leased)
            {
                _leased = null;
                seat.Return(leased);
            }

            Look();
        }

        public void Confirm()
        {
            Look();
            if (_leased is { } leased)
            {
                _leased = null;
                if (leased.Kind == RoomItemKind.Message)
                {
                    Got.Add(RoomKit.TextOf(leased));
                }

                seat.Confirm(leased);
            }

            Look();
        }

        public void Drain()
        {
            Abort();
            for (Confirm(); seat.Items > 0; Confirm())
            {
                _waiter = new RoomWaiter();
                seat.Park(_waiter, kit.Now);
            }
        }

        private void Look()
        {
            if (_waiter is not { Ended.IsCompleted: true } ended)
            {
                return;
            }

            // With one on its way a wait ends by a word that is in no inbox: the seat was given up.
            _waiter = null;
            _leased ??= ended.Ended.IsCompletedSuccessfully ? ended.Ended.GetAwaiter().GetResult() : null;
        }
    }
}
