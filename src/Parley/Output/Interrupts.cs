namespace Parley.Output;

/// <summary>Who takes Ctrl-C before it stops the program: a command that has something smaller to stop first.</summary>
internal sealed class Interrupts
{
    private readonly Lock _gate = new();
    private Func<bool>? _handler;

    /// <summary>Puts a handler in front until the result is disposed; it says whether it took the signal, must not block, and runs on any thread.</summary>
    public IDisposable Handle(Func<bool> handler)
    {
        lock (_gate)
        {
            _handler = handler;
        }

        return new Registration(this);
    }

    /// <summary>Offers one Ctrl-C.</summary>
    public bool TryTake()
    {
        Func<bool>? handler;
        lock (_gate)
        {
            handler = _handler;
        }

        return handler?.Invoke() ?? false;
    }

    private sealed class Registration(Interrupts owner) : IDisposable
    {
        public void Dispose()
        {
            lock (owner._gate)
            {
                owner._handler = null;
            }
        }
    }
}
