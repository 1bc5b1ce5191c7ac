using Parley.Gateway.A2a;

namespace Parley.EndToEndTests.A2aClient;

/// <summary>Version 0.3 of the reference implementation.</summary>
public sealed class ReferenceV03Tests() : ReferenceServerSpec(A2aVersion.V03);
