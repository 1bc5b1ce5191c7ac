using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Parley.Crypto.OpenSsl;

/// <summary>Owns an <c>SSL_CTX</c>, and what its callbacks look up: that lives as long as the last connection made from it.</summary>
internal sealed class SslContextHandle() : SafeHandleZeroOrMinusOneIsInvalid(ownsHandle: true)
{
    private GCHandle _state;

    /// <summary>Whether it was freed, and with it every connection that was made from it.</summary>
    public bool IsReleased => IsClosed && !_state.IsAllocated;

    /// <summary>Ties the callbacks' object to this handle.</summary>
    /// <returns>The argument that callbacks are registered with.</returns>
    public nint Attach(object state)
    {
        _state = GCHandle.Alloc(state);
        return GCHandle.ToIntPtr(_state);
    }

    /// <inheritdoc/>
    protected override bool ReleaseHandle()
    {
        LibSsl.FreeContext(handle);
        if (_state.IsAllocated)
        {
            _state.Free();
        }

        return true;
    }
}

/// <summary>Owns an <c>SSL</c> and its two memory BIOs; keeps the context, whose callbacks it may still call.</summary>
internal sealed class SslHandle() : SafeHandleZeroOrMinusOneIsInvalid(ownsHandle: true)
{
    private SslContextHandle? _context;

    /// <summary>Makes the connection object of a context.</summary>
    public static SslHandle Create(SslContextHandle context)
    {
        var isHeld = false;
        context.DangerousAddRef(ref isHeld);
        var ssl = LibSsl.NewConnection(context);
        if (ssl.IsInvalid)
        {
            context.DangerousRelease();
            LibCrypto.Check(false, "making a TLS connection");
        }

        ssl._context = context;
        return ssl;
    }

    /// <inheritdoc/>
    protected override bool ReleaseHandle()
    {
        LibSsl.FreeConnection(handle);
        _context?.DangerousRelease();
        return true;
    }
}

/// <summary>Owns an <c>SSL_SESSION</c>: what a client shows to resume.</summary>
internal sealed class SslSessionHandle() : SafeHandleZeroOrMinusOneIsInvalid(ownsHandle: true)
{
    /// <inheritdoc/>
    protected override bool ReleaseHandle()
    {
        LibSsl.FreeSession(handle);
        return true;
    }
}
