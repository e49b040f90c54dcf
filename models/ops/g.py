import onnx, numpy as np, subprocess
from onnx import helper as h, TensorProto as T, numpy_helper as n
def model(op, ins=1, dom="", attrs={}, extra=[], shape=[1,4], out=1, ity=T.FLOAT, oty=T.FLOAT):
    inits=[n.from_array(a,f"c{i}") for i,a in enumerate(extra)]
    node=h.make_node(op,["x"]*ins+[f"c{i}" for i in range(len(extra))],[f"y{i}" for i in range(out)],name="nd",domain=dom,**attrs)
    g=h.make_graph([node],"g",[h.make_tensor_value_info("x",ity,shape)],[h.make_tensor_value_info("y0",oty,None)],inits)
    return h.make_model(g,opset_imports=[h.make_opsetid("",13),h.make_opsetid("ai.onnx.ml",3)],ir_version=8)
f32=np.float32
ops={
 "Softmax":{},"LogSoftmax":{},"ArgMax":dict(oty=T.INT64),"TopK":dict(extra=[np.array([1])],out=2),"LSTM":dict(extra=[np.ones((1,16,4),f32),np.ones((1,16,4),f32)],attrs=dict(hidden_size=4),shape=[1,1,4]),"GRU":dict(extra=[np.ones((1,12,4),f32),np.ones((1,12,4),f32)],attrs=dict(hidden_size=4),shape=[1,1,4]),"Exp":{},"Log":{},"Sqrt":{},"Erf":{},"Sin":{},"Floor":{},"Round":{},"Softplus":{},"Elu":{},"Selu":{},"HardSigmoid":{},"HardSwish":{},"Sign":{},"Reciprocal":{},"ReduceMax":dict(attrs=dict(axes=[1])),"ReduceMean":dict(attrs=dict(axes=[1])),"ReduceL2":dict(attrs=dict(axes=[1])),"Greater":dict(extra=[np.ones(4,f32)],oty=T.BOOL),"Where":dict(ins=0,extra=[np.ones(4,bool),np.ones(4,f32),np.ones(4,f32)]),"Max":dict(extra=[np.ones(4,f32)]),"LayerNormalization":{},"InstanceNormalization":dict(shape=[1,2,4,4],extra=[np.ones(2,f32),np.ones(2,f32)]),"LRN":dict(shape=[1,2,4,4],attrs=dict(size=3)),"CumSum":dict(extra=[np.array(1)]),"Einsum":dict(attrs=dict(equation="ij->j")),"MatMul":dict(extra=[np.ones((4,2),f32)]),"Div":dict(ins=2),"Pow":dict(extra=[np.array(2.,f32)]),"Celu":{},"Mish":{},"Gelu":{},"ThresholdedRelu":{},"Clip":dict(extra=[np.array(0,f32),np.array(1,f32)]),"OneHot":dict(ins=1,extra=[np.array(3),np.array([0,1],f32)],ity=T.INT64),"Gather":dict(extra=[np.array([0])],attrs=dict(axis=1)),"Resize":dict(shape=[1,1,4,4],extra=[np.array([],f32),np.array([1,1,2,2],f32)],attrs=dict(mode="nearest")),
}
ml={"Scaler":dict(attrs=dict(offset=[0.]*4,scale=[1.]*4)),"LinearClassifier":dict(attrs=dict(coefficients=[1.]*4,classlabels_ints=[0])),"LinearRegressor":dict(attrs=dict(coefficients=[1.]*4)),"TreeEnsembleRegressor":{},"TreeEnsembleClassifier":dict(out=2),"SVMRegressor":{},"Normalizer":{},"Imputer":{},"OneHotEncoder":{},"LabelEncoder":{},"ZipMap":{},"Binarizer":{},"ArrayFeatureExtractor":dict(extra=[np.array([0])])}
ok=[];bad=[]
for dom,d in (("",ops),("ai.onnx.ml",ml)):
    for op,a in d.items():
        onnx.save(model(op,dom=dom,**a),"m.onnx")
        r=subprocess.run(["/tmp/pv","table","-M","m.onnx"],capture_output=True,text=True)
        if r.returncode==0:
            r2=subprocess.run(["/tmp/pv","gen-settings","-M","m.onnx","-O","/tmp/ops/s.json"],capture_output=True,text=True)
            r3=subprocess.run(["/tmp/pv","compile-circuit","-M","m.onnx","-S","/tmp/ops/s.json","-O","/tmp/ops/c"],capture_output=True,text=True)
            ok.append((op,(r2.stderr or r3.stderr)[:150]))
        else: bad.append((op,r.stderr.strip()[:170]))
print("OK");[print(" ",o) for o in ok]
print("BAD");[print(" ",o) for o in bad]
