using Parley.Protocol.Stun;

namespace Parley.WebRtc.Udp;

/// <content>The driver's thread, and what both it and callers do at the end of a turn.</content>
public sealed partial class UdpDriver
{
    /// <summary>After so many datagrams the machine is heard, though more are there: some senders let out no more than four packets for each acknowledgement (RFC 9260, section 6.1, rule D), and would wait for the next after each batch.</summary>
    private const int DatagramsUnheard = 4;

    /// <summary>While datagrams come and go the thread sleeps no longer than this, so that a caller who sets a timer seldom has to wake it.</summary>
    private static readonly TimeSpan _nap = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan _active = TimeSpan.FromSeconds(1);

    /// <summary>While a socket takes no more, deadlines that only sending clears stay overdue: the thread looks at them this often. Room to send ends the wait at once.</summary>
    private static readonly TimeSpan _blockedNap = TimeSpan.FromMilliseconds(10);

    private TimeSpan _sleepsUntil = TimeSpan.MaxValue;
    private TimeSpan _lastMoved = -_active;
    private int _nextUnsent;

    private void Run()
    {
        Exception? reason = null;
        try
        {
            TimeSpan? timeout = TimeSpan.Zero;
            while (TryBegin(ref timeout))
            {
                _system.Wait(timeout);
                foreach (var socket in _sockets)
                {
                    if (socket.IsReadable && socket.Receive(_receiving) is > 0 and var count)
                    {
                        Take(socket, count);
                    }
                }
            }
        }
        catch (Exception exception)
        {
            reason = exception;
        }

        Close(reason);
    }

    /// <summary>Does what is due and says how long to sleep; false = it is over.</summary>
    private bool TryBegin(ref TimeSpan? timeout)
    {
        lock (_gate)
        {
            var now = Now;
            foreach (var socket in _sockets)
            {
                socket.IsBlocked &= !socket.IsWritable;
            }

            if (_machine!.NextTimeout <= now)
            {
                _machine.HandleTimeout(now);
                _onTurn?.Invoke(now);
            }

            Send(now);
            if (_isStopping)
            {
                return false;
            }

            var next = _machine.NextTimeout ?? TimeSpan.MaxValue;
            if (now - _lastMoved < _active)
            {
                next = next < now + _nap ? next : now + _nap;
            }

            if (IsHeldUp && next <= now)
            {
                next = now + _blockedNap;
            }

            _sleepsUntil = next;
            timeout = next == TimeSpan.MaxValue ? null : next > now ? next - now : TimeSpan.Zero;
            return true;
        }
    }

    private void Take(IUdpSocket socket, int count)
    {
        lock (_gate)
        {
            var now = Now;
            _lastMoved = now;
            var taken = 0;
            for (var slot = 0; slot < count; slot++)
            {
                var bytes = _receiving.Of(slot);
                var size = _receiving.SegmentBytes[slot];
                while (bytes.Length > 0)
                {
                    var datagram = bytes[..Math.Min(size, bytes.Length)];
                    _machine!.Receive(datagram, socket.Local, _receiving.Remotes[slot], now);
                    bytes = bytes[datagram.Length..];
                    if (++taken % DatagramsUnheard == 0 && !IsHeldUp)
                    {
                        Collect(now);
                    }
                }
            }

            _onTurn?.Invoke(now);
            Send(now);
        }
    }

    /// <summary>The thread sleeps too long for what the machine wants now, or does not look for room to send.</summary>
    private void WakeThread()
    {
        if (_nextUnsent < _sending.Count)
        {
            _system.Wake();
        }
        else if (_machine!.NextTimeout is { } next && next < _sleepsUntil)
        {
            _sleepsUntil = next;
            _system.Wake();
        }
    }

    /// <summary>Sends what the machine has to say until it has no more or a socket takes no more.</summary>
    private void Send(TimeSpan now)
    {
        if (!IsHeldUp && Collect(now))
        {
            TryFlush(now);
        }
    }

    /// <summary>What was taken out of the machine waits for a socket.</summary>
    private bool IsHeldUp => _nextUnsent < _sending.Count && _sockets[_sending[_nextUnsent].Socket].IsBlocked;

    /// <summary>Takes out what the machine has to say, and sends what the batch has no room for; false when a socket takes no more.</summary>
    private bool Collect(TimeSpan now)
    {
        while (_sending.HasRoom || TryFlush(now))
        {
            if (_machine!.Poll(_sending.Free, out var local, out var remote, out var isProbe, now) is not (> 0 and var length))
            {
                return true;
            }

            var index = IndexOf(local);
            if (index < 0)
            {
                _machine.SendFailed(local, remote, "no socket has this address", now);
                continue;
            }

            _sending.Add(length, index, remote, isProbe, _sockets[index].MaxSegmentBytes);
        }

        return false;
    }

    private int IndexOf(TransportAddress local)
    {
        for (var index = 0; index < _sockets.Count; index++)
        {
            if (_sockets[index].Local == local)
            {
                return index;
            }
        }

        return -1;
    }

    /// <summary>Hands the batch to the system; false when a socket takes no more, and the rest waits.</summary>
    private bool TryFlush(TimeSpan now)
    {
        while (_nextUnsent < _sending.Count)
        {
            var socket = _sockets[_sending[_nextUnsent].Socket];
            if (socket.IsBlocked)
            {
                return false;
            }

            var count = 1;
            while (_nextUnsent + count < _sending.Count && _sending[_nextUnsent + count].Socket == _sending[_nextUnsent].Socket)
            {
                count++;
            }

            var (sent, error) = socket.Send(_sending, _nextUnsent, count);
            _nextUnsent += sent;
            if (error == SendError.Blocked)
            {
                socket.IsBlocked = true;
                return false;
            }

            if (error != SendError.None)
            {
                Refuse(error, socket.Local, in _sending[_nextUnsent++], now);
            }

            _lastMoved = now;
        }

        _sending.Clear();
        _nextUnsent = 0;
        return true;
    }

    private void Refuse(SendError error, TransportAddress local, in SendEntry entry, TimeSpan now)
    {
        // A probe that does not fit is an answer like one that is lost.
        if (!(entry.IsProbe && error == SendError.TooLong))
        {
            _machine!.SendFailed(local, entry.Remote, ReasonOf(error), now);
        }
    }

    private static string ReasonOf(SendError error) => error switch
    {
        SendError.TooLong => "the datagram is too long for the interface",
        SendError.NoRoute => "there is no route to it",
        SendError.NotPermitted => "this machine's firewall forbids it",
        _ => "the system refused to send",
    };
}
